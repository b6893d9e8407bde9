"""Whether a webhook comes from whom it says: each vendor's signature, compared in constant time.

Where a vendor signs the time too, a request older than `WINDOW_S` is refused: somebody may have kept it. One that is
sent twice within it makes the same event again.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from contracts.errors import Rejected
from producers.adapters.moments import from_epoch, from_iso
from producers.intake.problems import Problem

WINDOW_S: Final = 300.0
"""Five minutes either way, as Standard Webhooks and its libraries have it; clocks differ, queues take a while."""
STANDARD_PREFIX: Final = "whsec_"
Headers = Mapping[str, str]
Check = Callable[[Headers, bytes, str, datetime], None]
"""Headers (names in lower case), body, secret and the time now; raises `Problem` unless all is well."""


def hex_of(header: str, digest: str, *, prefix: str = "") -> Check:
    """The HMAC of the body in hexadecimal, in one header: Jira, GitHub, Intercom, Sentry."""

    def check(headers: Headers, body: bytes, secret: str, _: datetime) -> None:
        _same(_needed(headers, header), prefix + hmac.new(secret.encode(), body, digest).hexdigest())

    return check


def zendesk(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    """Base64 of HMAC-SHA256 over timestamp and body, the timestamp in ISO 8601."""
    stamp = _needed(headers, "x-zendesk-webhook-signature-timestamp")
    signed = hmac.digest(secret.encode(), stamp.encode() + body, "sha256")
    _same(_needed(headers, "x-zendesk-webhook-signature"), base64.b64encode(signed).decode())
    _in_time(stamp, now)


def standard(headers: Headers, body: bytes, secret: str, now: datetime) -> None:
    """Standard Webhooks: base64 of HMAC-SHA256 over id, time and body; one of several signatures has to be right."""
    name, stamp = _needed(headers, "webhook-id"), _needed(headers, "webhook-timestamp")
    content = f"{name}.{stamp}.".encode() + body
    right = "v1," + base64.b64encode(hmac.digest(standard_secret(secret), content, "sha256")).decode()
    given = _needed(headers, "webhook-signature").split()[:10]
    if not any(hmac.compare_digest(one.encode(), right.encode()) for one in given):
        raise _wrong()
    _in_time(stamp, now)


def standard_secret(secret: str) -> bytes:
    """The bytes of ``whsec_`` and base64; anything else is taken as it is written."""
    try:
        return base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return secret.encode()


def _needed(headers: Headers, name: str) -> str:
    found = headers.get(name)
    if not found:
        raise Problem(401, "not_signed", f"the header {name} is not there: this key's requests are signed")
    return found


def _same(given: str, right: str) -> None:
    if not hmac.compare_digest(given.strip().encode(), right.encode()):
        raise _wrong()


def _wrong() -> Problem:
    return Problem(401, "wrong_signature", "the signature does not fit body and secret")


def _in_time(stamp: str, now: datetime) -> None:
    try:
        then = from_epoch(stamp) if stamp.isdecimal() else from_iso(stamp)
    except Rejected:
        raise Problem(401, "wrong_timestamp", "the time of the signature cannot be read") from None
    if abs((now - then).total_seconds()) > WINDOW_S:
        raise Problem(
            401, "old_signature", f"signed more than {WINDOW_S / 60:g} minutes before or after now; look at both clocks"
        )
