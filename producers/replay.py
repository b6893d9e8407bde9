"""Move the events of a file in time, so that an old log can be watched as if it happened now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from contracts.cloudevents import derived_id, rfc3339
from contracts.event import Event
from contracts.quick import changed

E = TypeVar("E", bound=Event)


@dataclass(slots=True)
class Pace:
    """Plays events as if they happened now, ``speed`` times as fast as they did.

    The first event is now; one that is older than its forerunner is not waited for. ``clock`` gives the present,
    ``sleep`` waits so many seconds.
    """

    speed: float
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    _first: datetime | None = None
    _began: datetime | None = None

    def play(self, event: E) -> E:
        """Wait until the event is due, and return it as of that moment."""
        if self._first is None or self._began is None:
            self._first, self._began = event.occurred_at, self.clock()
        due = self._began + (event.occurred_at - self._first) / self.speed
        wait = (due - self.clock()).total_seconds()
        if wait > 0:
            self.sleep(wait)
        return shifted(event, due - event.occurred_at)


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
    return changed(event, id=derived_id(event.id, rfc3339(moved)), occurred_at=moved)
