"""What a webhook is: one request of a vendor in, events out, nothing else touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.cloudevents import rfc3339
from contracts.errors import Rejected, Unwanted
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.limits import MAX_TEXT_CHARS
from contracts.signals import Signal
from producers.adapters.adapter import Place, validated
from producers.adapters.attributes import bounded
from producers.adapters.fields import Fields
from producers.adapters.loose_values import storable
from producers.intake.signatures import Check


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request; names of ``headers`` are in lower case, ``at`` is when it arrived, ``mapping`` what its key says."""

    body: bytes
    headers: Mapping[str, str]
    place: Place
    at: datetime
    mapping: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """A record of a request with several, of which no event can be made."""

    record: bytes
    why: Rejected


Read = Callable[[Arrived], Iterable[Event | Refused]]
"""Raises `Rejected` when the request as a whole cannot be understood, `Unwanted` when it says nothing of use."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A vendor's webhooks: how they are read, how signed, and how to set them up there.

    ``event`` is the usual kind of event; it says where what cannot be read is kept. ``check`` is left out where
    the vendor does not sign: then a token is needed. ``token_of`` finds it where the vendor puts it.
    """

    name: str
    title: str
    event: type[Event]
    read: Read
    set_up: str
    check: Check | None = None
    token_of: Callable[[Mapping[str, str], bytes], str | None] | None = None


def feedback_of(
    arrived: Arrived, system: str, fields: Fields, said: Mapping[str, object], text: str | None
) -> Feedback:
    """A piece of feedback with what is left of ``fields`` as attributes; `Unwanted` when nobody said anything."""
    if text is None or not text.strip():
        raise Unwanted("empty", f"{system}: there is no text")
    source = said.get("source")
    whole = {
        **said,
        "text": storable(text.strip()[:MAX_TEXT_CHARS]),
        "received_at": arrived.at,
        "source": {"system": system, **(source if isinstance(source, dict) else {})},
        "attributes": bounded(fields.rest()),
    }
    return validated(Feedback, whole, arrived.place)


def only_rated(said: Mapping[str, Any]) -> str | None:
    """Somebody who only rated said something, too."""
    rating = said.get("rating")
    return f"{rating['scale']} {rating['value']:g}" if rating else None


def signal_of(arrived: Arrived, fields: Fields, said: Mapping[str, object]) -> Signal:
    """A signal with what is left of ``fields`` as attributes."""
    return validated(Signal, {**said, "attributes": bounded(fields.rest())}, arrived.place)


def text_at(fields: Fields, *names: str) -> str | None:
    """A long text."""
    return fields.text(*names, limit=MAX_TEXT_CHARS)


def minute_of(moment: datetime) -> str:
    """What stands for the time of an event that tells none: sent again within the minute it is the same event."""
    return rfc3339(moment)[:16]
