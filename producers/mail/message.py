"""One raw mail (RFC 5322) → one piece of feedback.

Headers are read one by one and forgivingly: mail in the wild breaks every rule. Threads come from ``In-Reply-To`` and
``References``. Quotes and signatures stay, for the feedback stage cuts them; automatic replies and returned mail are
refused here, by their headers, so that nothing answers an answer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email import policy
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from contracts.cloudevents import NUL, derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback
from contracts.pseudonyms import pseudonym_of_person
from producers.adapters.adapter import Place, validated
from producers.mail.body import decoded, read_body

MAX_BYTES = 26_214_400
"""25 MiB: what most providers take."""
MAX_BOUNDARIES = 200
MAX_HOPS = 50
"""``Received`` lines; more is a loop, RFC 5321 section 6.3 asks for a limit of at least 100 in relays."""
NAME_CHARS = 300
LINE_CHARS = 2_000
_FUTURE = timedelta(days=1)
_IDS = re.compile(r"<([^<>\s]{1,300})>")
_BOUNCERS = frozenset(("mailer-daemon", "mail-daemon", "postmaster"))
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-failed-recipients", "x-loop")
_NO = frozenset(("", "no", "false", "0", "none"))
_KEPT = ("auto-submitted", "precedence", "list-id", "x-priority")


def feedback_of_mail(raw: bytes, place: Place, key: bytes, *, now: datetime) -> Feedback:
    """Read a mail; ``key`` is that of the pseudonyms. Raise `Rejected`, or `Unwanted` for what a machine wrote."""
    message = _parsed(raw)
    _refuse_machines(message)
    body = read_body(message)
    title = header(message, "subject")[:LINE_CHARS] or None
    text = body.text.strip() or title
    if not text and not body.attachments:
        raise Rejected("empty_text", "neither subject nor text")
    own = _ids(message, "message-id")
    answers, root = _thread(message)
    name, sender = _sender(message)
    person = sender or name
    thread = derived_id("mail", root or (own[0] if own else hashlib.sha256(raw).hexdigest()))
    notes: dict[str, Any] = {name: value[:NAME_CHARS] for name in _KEPT if (value := header(message, name))}
    if body.html:
        notes["content-type"] = "text/html"
    if body.notes:
        notes["mail_notes"] = ",".join(body.notes)
    fields: dict[str, Any] = {
        "id": derived_id("mail", own[0]) if own else derived_id("mail", hashlib.sha256(raw).hexdigest()),
        "occurred_at": _moment(message, now),
        "channel": "email",
        "source": {"system": "mail", "id": own[0][:NAME_CHARS] if own else None},
        "text": text or "(only attachments)",
        "title": title if body.text.strip() else None,
        "language": None,
        "reporter": {
            "pseudonym": pseudonym_of_person(person, key) if person else None,
            "contact_ref": sender[:NAME_CHARS] or None,
        },
        "attachments": body.attachments,
        "thread": answers,
        "attributes": {**notes, "mail_thread": thread},
    }
    return validated(Feedback, fields, place)


def header(message: Message, name: str) -> str:
    """A header in plain text, whatever it is written in; empty when it is not there."""
    value = message.get(name)
    if value is None:
        return ""
    raw = str(value)[: LINE_CHARS * 4]
    if isinstance(value, Header) and "=?" not in raw:  # bytes as they are, which no standard knows and many write
        found = next(said for key, said in message.raw_items() if key.lower() == name)[: LINE_CHARS * 4]
        raw = decoded(found.encode("utf-8", "surrogateescape"), "utf-8")[0]
        return " ".join(raw.replace(NUL, "").split())
    try:
        parts = [
            decoded(part, charset or "utf-8")[0] if isinstance(part, bytes) else part
            for part, charset in decode_header(raw)
        ]
    except (HeaderParseError, ValueError, LookupError):
        parts = [raw]
    return " ".join("".join(parts).encode("utf-8", "replace").decode().replace(NUL, "").split())


def _parsed(raw: bytes) -> Message:
    if len(raw) > MAX_BYTES:
        raise Rejected("too_large", f"{len(raw)} bytes, at most {MAX_BYTES} are taken of a mail")
    if raw.lower().count(b"boundary=") > MAX_BOUNDARIES:
        raise Rejected("too_deep", f"more than {MAX_BOUNDARIES} parts with parts")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
    except (RecursionError, ValueError, LookupError) as error:
        raise Rejected("not_mail", f"cannot be read as a mail ({type(error).__name__})") from None
    if not any(message.get(name) for name in ("from", "subject", "date", "message-id")):
        raise Rejected("not_mail", "no From, Subject, Date or Message-ID")
    return message


def _refuse_machines(message: Message) -> None:
    submitted = header(message, "auto-submitted").casefold()
    if submitted.startswith(("auto-replied", "auto-notified")):
        raise Unwanted("automatic_mail", "header Auto-Submitted (RFC 3834)")
    for name in _AUTOMATIC:
        if header(message, name).casefold() not in _NO:
            raise Unwanted("automatic_mail", f"header {name}")
    if header(message, "precedence").casefold().replace("-", "_") == "auto_reply":
        raise Unwanted("automatic_mail", "header Precedence")
    if message.get_content_type() == "multipart/report" or header(message, "return-path") == "<>":
        raise Unwanted("returned_mail", "a report about another mail (RFC 6522), or without a return path")
    if _sender(message)[1].partition("@")[0].casefold() in _BOUNCERS:
        raise Unwanted("returned_mail", "sent by a mail system")
    if len(message.get_all("received") or ()) > MAX_HOPS:
        raise Unwanted("mail_loop", f"more than {MAX_HOPS} Received headers")


def _sender(message: Message) -> tuple[str, str]:
    """Name and address of who wrote; Reply-To is not asked, for anybody can be put there."""
    try:
        found = getaddresses([header(message, "from") or header(message, "sender")])
    except (ValueError, IndexError):
        found = []
    name, address = found[0] if found else ("", "")
    return name[:NAME_CHARS], address[:NAME_CHARS].strip()


def _thread(message: Message) -> tuple[str | None, str | None]:
    """The mail that this one answers, and the first one of its thread."""
    references = _ids(message, "references")
    replied = _ids(message, "in-reply-to")
    answers = replied[0] if replied else references[-1] if references else None
    return answers, references[0] if references else answers


def _ids(message: Message, name: str) -> list[str]:
    return _IDS.findall(header(message, name))


def _moment(message: Message, now: datetime) -> datetime:
    """When it was written; where that cannot be, when the last relay took it, else now."""
    received = (message.get("received") or "").rpartition(";")[2]
    for said in (header(message, "date"), str(received)):
        try:
            found = parsedate_to_datetime(said.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found
        if datetime(1971, 1, 1, tzinfo=UTC) < moment < now + _FUTURE:  # before it is moved: year 10000 is no date
            return moment.astimezone(UTC)
    return now


def reasons(counted: Mapping[str, int]) -> str:
    """Counted reasons in a line."""
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(counted.items(), key=lambda pair: -pair[1]))
