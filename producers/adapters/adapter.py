"""What an adapter is: one raw line in, one event out, nothing else touched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pydantic import ValidationError

from contracts.calls import GatewayCall
from contracts.cloudevents import derived_id, rfc3339, said_of
from contracts.errors import Rejected
from contracts.event import Event
from contracts.quick import QuickReader, quickened
from producers.adapters.facts import About

E = TypeVar("E", bound=Event)
_CALLS = QuickReader(GatewayCall)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands, and whom the event belongs to; ``source`` is a file name without its folder."""

    source: str
    line: int
    tenant: str = "default"
    project: str = "default"
    environment: str = "production"
    part: int = 0
    """Which of the calls that the line holds."""


class Adapter(Protocol):
    """A format: pure, without state between lines."""

    @property
    def name(self) -> str:
        """Short name to choose it by."""
        ...

    @property
    def event(self) -> type[Event]:
        """The type of event that comes out."""
        ...

    def recognises(self, line: bytes) -> bool:
        """Tell whether a line is of this format, from its shape; never raises."""
        ...

    def parse(self, line: bytes, place: Place) -> Event:
        """Read one line; raise `Rejected`, and nothing else, when it is bad."""
        ...


class CallAdapter(Adapter, Protocol):
    """A format of logs of calls, which also says what it can tell."""

    @property
    def about(self) -> About:
        """The format in words, and what it lacks."""
        ...


def line_id(line: bytes, place: Place, occurred_at: datetime | None) -> str:
    """Id of what a line says: the same line of the same file is the same event, two equal lines are two."""
    moment = "" if occurred_at is None else _written(occurred_at)
    part = f"\x1f{place.part}" if place.part else ""  # joined here as `derived_id` joins: it is called for every line
    return derived_id(f"{place.source}\x1f{place.line}\x1f{hashlib.sha256(line).hexdigest()}\x1f{moment}{part}")


def _written(moment: datetime) -> str:
    """As `rfc3339`, which is slow because it changes the zone; most moments are in UTC already."""
    return f"{moment.isoformat()[:-6]}Z" if moment.tzinfo is UTC else rfc3339(moment)


def validated_call(fields: Mapping[str, object], place: Place) -> GatewayCall:
    """The call at ``place``, as a struct (docs/decisions/0020) because logs are long; raise `Rejected`."""
    owner = {"tenant": place.tenant, "project": place.project, "environment": place.environment}
    return _CALLS.take({**owner, **fields}) or quickened(validated(GatewayCall, fields, place))


def validated(model: type[E], fields: Mapping[str, object], place: Place) -> E:
    """Build the event at ``place``; raise `Rejected` naming the field that does not fit, never its value."""
    owner = {"tenant": place.tenant, "project": place.project, "environment": place.environment}
    try:
        return model.model_validate({**owner, **fields})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise Rejected("invalid_field", said_of(first)) from None
