"""Move the events of a file in time, so that an old log can be watched as if it happened now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from contracts.cloudevents import derived_id, rfc3339
from contracts.event import Event

E = TypeVar("E", bound=Event)


def latest_time(events: Iterable[Event]) -> datetime | None:
    """Latest time among the events; None when there are none."""
    return max((event.occurred_at for event in events), default=None)


def shift_to(latest: datetime, target: datetime) -> timedelta:
    """How far to move everything so that the last event happens at ``target``."""
    return target - latest


def shifted(event: E, shift: timedelta) -> E:
    """Move the event; its id comes from the old id and the new time.

    So another replay is a new set of events, and the same replay is the same set.
    """
    moved = event.occurred_at + shift
    return event.model_copy(update={"id": derived_id(event.id, rfc3339(moved)), "occurred_at": moved})
