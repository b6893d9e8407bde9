"""Items in our own contract as events of the key's owner.

Tenant, project and environment come from the key. What stands in an item may say the same; anything else is refused.
Of an event without an id the id is worked out, so that whoever sends the same again makes the same event: from the
``Idempotency-Key`` and the item's place, else from the item itself.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from contracts.calls import GatewayCall
from contracts.cloudevents import STRUCTURED, Envelope, derived_id, open_envelope, read_event, read_quickly, rfc3339
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.limits import MAX_EVENT_BYTES
from contracts.quick import QuickReader
from contracts.signals import Signal
from producers.adapters.moments import plausible
from producers.intake.keys import Key
from producers.intake.said import saying_something

_NOW_IS_MEANT: tuple[type[Event], ...] = (Feedback, Signal)
"""A report or a notice without a time happened now; a call without one was not measured."""
_STRUCTURED = [("content-type", STRUCTURED)]
_CALLS = QuickReader(GatewayCall)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request says beside its items; ``nonce`` tells requests apart that say the same at the same time."""

    key: Key
    received_at: datetime
    nonce: str
    idempotency_key: str | None = None


def read_items(items: Iterable[bytes], model: type[Event], sent: Sent) -> Iterator[Event | Rejected]:
    """The event of each item in turn, or why there is none."""
    reader = _Reader(model, sent)
    for index, item in enumerate(items):
        try:
            yield reader.event(index, item)
        except Rejected as rejected:
            yield rejected


class _Reader:
    """Reads the items of one request in turn; equal ones without ids are events of their own."""

    def __init__(self, model: type[Event], sent: Sent) -> None:
        self._model = model
        self._sent = sent
        self._seen: Counter[str] = Counter()
        key = sent.key
        owner = {"tenant": key.tenant, "project": key.project, "environment": key.environment}
        if issubclass(model, _NOW_IS_MEANT):
            owner["occurred_at"] = rfc3339(sent.received_at)
        self._owner = orjson.dumps(owner)[1:-1]
        self._salt = f"{model.ce_type}\x1f{key.tenant}\x1f{key.project}\x1f".encode()

    def event(self, index: int, item: bytes) -> Event:
        said, named, kind = _data(item)
        if len(said) > MAX_EVENT_BYTES:
            raise Rejected("too_large", f"{len(said)} bytes, at most {MAX_EVENT_BYTES} are taken")
        fallback = named or self._fallback(index, said)
        event = self._read(said, fallback, kind)
        self._check_owner(event)
        plausible(event.occurred_at)
        if isinstance(event, Feedback):
            event = saying_something(event)
        if event.id != fallback or named or self._sent.idempotency_key:
            return event
        if isinstance(event, _NOW_IS_MEANT) and event.occurred_at == self._sent.received_at:
            return event.model_copy(update={"id": derived_id(fallback, self._sent.received_at, self._sent.nonce)})
        return event

    def _fallback(self, index: int, said: bytes) -> str:
        key, ours = self._sent.key, self._sent.idempotency_key
        if ours:
            return derived_id(self._model.ce_type, key.tenant, key.project, "idempotency-key", ours, index)
        digest = hashlib.sha256(self._salt + said).hexdigest()[:32]
        again = self._seen[digest]
        self._seen[digest] += 1
        return derived_id(digest, again) if again else digest

    def _read(self, said: bytes, fallback: str, kind: str | None) -> Event:
        """What stands in the item wins over what is put before it: of two fields of a name the last one counts."""
        if not said.startswith(b"{"):
            raise _no_object(said)
        rest = said[1:].lstrip()
        before = b'{"id":' + orjson.dumps(fallback) + b"," + self._owner
        try:
            return self._validated(Envelope(before + (b"" if rest.startswith(b"}") else b",") + rest, kind))
        except Rejected as rejected:
            if rejected.reason not in {"not_json", "not_utf8", "too_deep"}:
                raise
        read_event(Envelope(said), self._model)  # tells the place in what was sent
        raise Rejected("not_json", "the item is no JSON object")

    def _validated(self, envelope: Envelope) -> Event:
        """Calls come in batches of thousands: they are read as structs (docs/decisions/0020)."""
        return read_quickly(envelope, _CALLS) if self._model is GatewayCall else read_event(envelope, self._model)

    def _check_owner(self, event: Event) -> None:
        key = self._sent.key
        for field in ("tenant", "project", "environment"):
            if getattr(event, field) != getattr(key, field):
                raise Rejected("foreign_owner", f"{field}: the key is for {getattr(key, field)}; leave the field out")


def _no_object(said: bytes) -> Rejected:
    try:
        orjson.loads(said)
    except orjson.JSONDecodeError:
        return Rejected("not_json", "the item is no JSON; an event is a JSON object")
    return Rejected("not_an_object", "an event is a JSON object")


def _data(item: bytes) -> tuple[bytes, str | None, str | None]:
    """The event itself, and the id and type that a structured CloudEvent around it gives."""
    said = item.strip()
    if b'"specversion"' not in said:
        return said, None, None
    try:
        record = orjson.loads(said)
    except orjson.JSONDecodeError:
        return said, None, None
    if not isinstance(record, dict) or "specversion" not in record:
        return said, None, None
    envelope = open_envelope(said, _STRUCTURED)
    return envelope.data, envelope.id[:200] if envelope.id else None, envelope.type
