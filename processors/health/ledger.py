"""Keeps the sums of a project's windows exact, whoever reads which records again.

What each reader added is kept apart, by the range of records it covers, until its window has closed *and* its range
is committed, so that nobody reads it again. Sums of records that are read again replace the earlier ones; what that
changes in a window that has closed is handed out as a correction. A reader that lost its partition long ago and
still writes is told by the generation of its group, and ignored.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.windows import WINDOW_S, SourceRange, WindowSums
from processors.health.contributions import (
    CALENDARS,
    CONTRIBUTIONS,
    SOURCES,
    Calendar,
    Contribution,
    Correction,
    Source,
    is_import,
    project_of,
)
from processors.runtime.stage import Skipped
from processors.runtime.tables import State

LATENESS_MS = 5_000
"""How long after its end a window waits for calls that are late: more than clocks of one network differ."""
IDLE_MS = 5_000
"""A source that read everything, and found nothing for so long, is not waited for."""
AWAITED_MS = 75_000
"""A source that has more to say is waited for so long: its reader is held up, or dead and about to be replaced."""
SETTLE_MS = 5_000
"""No window closes so shortly after it was first heard of: of calls that happened long ago, as in a replay or after an
outage, the other sources are still to speak. What happens now is longer ago anyhow when its window closes."""
LONGEST_OPEN_MS = 75_000
"""A window closes so long after it was opened and over, whoever is behind: a slow clock must not blind everybody."""
AHEAD_MS = 900_000
"""Windows that begin later than this do not count: closing one would close everything before it."""
NEW_GROUP_MS = 60_000
"""A generation that goes back after so long a silence is a group made anew, not a zombie: longer than any session."""
FORGET_IMPORT_MS = 3_600_000
"""How long what was learned from an import is kept after its last call."""
UNHEARD_MS = 30_000
"""A project of which nothing was heard for so long is asked about: longer than a stage takes to restart."""
MOST_AT_ONCE = 25
"""Windows of a project that one look calls due: an import has weeks of them, and the worker has to breathe."""


class Ledger:
    """The contributions of one partition's projects; a project is named by `project_of`.

    What is open follows from the contributions: the windows that begin at or after the calendar's ``closed_until``.
    """

    def __init__(self, state: State) -> None:
        self._sources, self._calendars = state[SOURCES], state[CALENDARS]
        self._kept = state[CONTRIBUTIONS]
        self._by_window: dict[str, dict[int, set[str]]] = {}
        self._opened: dict[str, dict[int, int]] = {}
        self._places: dict[str, set[str]] = {}
        for place in self._sources:
            self._places.setdefault(place.rpartition("|")[0], set()).add(place)
        for key, contribution in self._kept.items():
            self._note(project_of(contribution.sums), key, contribution)

    def add(self, sums: WindowSums, at_ms: int) -> list[Correction]:
        """Take a contribution in that Kafka has from ``at_ms``; raise `Skipped` if it must not count."""
        project, covered = project_of(sums), sums.source
        start = sums.start
        calendar = self._calendars.get(project) or Calendar()
        place = f"{project}|{covered.topic}/{covered.partition}"
        source = self._sources.get(place) or Source(covered.generation)
        closed = start < calendar.closed_until
        if start * 1000 > at_ms + AHEAD_MS:
            raise Skipped("sums_of_the_future")
        self._refuse(covered, source, at_ms, closed=closed and not sums.empty)
        if sums.empty:
            self._note_progress(place, sums, at_ms)
            return []
        again = covered.first < source.read_until and covered.flush != source.flush
        corrections = self._replace(project, covered) if again else []
        calendar.heard_ms = max(calendar.heard_ms, at_ms)
        self._calendars[project] = calendar
        key = f"{project}|{sums.id}"
        self._kept[key] = Contribution(sums, at_ms)
        self._note(project, key, self._kept[key])
        if closed:
            corrections.append(Correction(sums, 1))
        self._sources[place] = _heard(source, sums, at_ms)
        self._places.setdefault(project, set()).add(place)
        return corrections

    def projects(self) -> list[str]:
        """Projects that have open windows or contributions."""
        return list(self._by_window)

    def due(self, project: str, now_ms: int) -> list[int]:
        """Starts of the open windows that may close at ``now_ms``: the earliest `MOST_AT_ONCE`, in order."""
        calendar, opened = self._calendars.get(project), self._opened.get(project)
        if calendar is None or not opened:
            return []
        sources = [self._sources.get(place) for place in self._places.get(project, ())]
        low = min((s.low_ms for s in sources if s and now_ms - s.heard_ms < _patience(s)), default=now_ms)
        ready = [
            start
            for start, since in opened.items()
            if ((ends := (start + WINDOW_S) * 1000) + LATENESS_MS <= low and now_ms - since >= SETTLE_MS)
            or now_ms - max(since, ends) > LONGEST_OPEN_MS
        ]
        last = max(ready, default=0)
        return sorted(start for start in opened if start <= last)[:MOST_AT_ONCE]

    def is_open(self, project: str) -> bool:
        """Whether a window of a project waits to be closed."""
        return bool(self._opened.get(project))

    def closed_until(self, project: str) -> int:
        """End of the last window that was closed, in seconds since 1970; 0 before the first."""
        calendar = self._calendars.get(project)
        return calendar.closed_until if calendar else 0

    def close(self, project: str, start: int) -> list[WindowSums]:
        """Hand out what was added to a window, which is the earliest open one; what comes later is a correction."""
        self._opened[project].pop(start, None)
        calendar = self._calendars[project]
        calendar.closed_until = max(calendar.closed_until, start + WINDOW_S)
        self._calendars.touch(project)
        keys = sorted(self._by_window.get(project, {}).get(start, ()))  # which leaves are sampled must not be chance
        return [contribution.sums for key in keys if (contribution := self._kept.get(key)) is not None]

    def drop_final(self, project: str) -> None:
        """Forget what nobody will read again."""
        windows, closed_until = self._by_window.get(project, {}), self.closed_until(project)
        for start in list(windows):
            for key in list(windows[start]):
                contribution = self._kept.get(key)
                if contribution is None:
                    self._drop(project, start, key)
                elif start < closed_until:
                    covered = contribution.sums.source
                    source = self._sources.get(f"{project}|{covered.topic}/{covered.partition}")
                    if source is None or covered.last < source.committed:
                        self._drop(project, start, key)

    def idle(self, now_ms: int) -> list[str]:
        """Imports that ended long ago: nobody will ask about them again."""
        return [
            project
            for project, calendar in self._calendars.items()
            if is_import(project) and now_ms - calendar.heard_ms > FORGET_IMPORT_MS and not self._opened.get(project)
        ]

    def unheard(self, now_ms: int) -> list[tuple[str, int]]:
        """Projects of the present from which nothing comes, and for how many seconds; no window of theirs is open."""
        return [
            (project, (now_ms - calendar.heard_ms) // 1000)
            for project, calendar in self._calendars.items()
            if now_ms - calendar.heard_ms > UNHEARD_MS and not is_import(project) and not self._opened.get(project)
        ]

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for start, key, _ in list(self._contributions(project)):
            self._drop(project, start, key)
        for place in self._places.pop(project, ()):
            if place in self._sources:
                del self._sources[place]
        self._by_window.pop(project, None)
        self._opened.pop(project, None)
        if project in self._calendars:
            del self._calendars[project]

    def _note_progress(self, place: str, sums: WindowSums, at_ms: int) -> None:
        """Note how far a source is that has no calls of the project, which says nothing where it never had any."""
        source = self._sources.get(place)
        if source is not None:
            self._sources[place] = _heard(source, sums, at_ms)

    def _refuse(self, covered: SourceRange, source: Source, at_ms: int, *, closed: bool) -> None:
        if covered.generation < source.generation and at_ms - source.heard_ms < NEW_GROUP_MS:
            raise Skipped("sums_of_a_zombie")
        if closed and covered.last < source.committed:
            raise Skipped("sums_replayed")

    def _replace(self, project: str, covered: SourceRange) -> list[Correction]:
        """Take out what other flushes said of the same records; return what that changes in closed windows."""
        corrections, closed_until = [], self.closed_until(project)
        for start, key, kept in list(self._contributions(project)):
            other = kept.sums.source
            same = other.partition == covered.partition and other.topic == covered.topic
            if same and other.flush != covered.flush and other.first <= covered.last and covered.first <= other.last:
                self._drop(project, start, key)
                if start < closed_until:
                    corrections.append(Correction(kept.sums, -1))
        return corrections

    def _contributions(self, project: str) -> Iterator[tuple[int, str, Contribution]]:
        for start, keys in self._by_window.get(project, {}).items():
            for key in keys:
                kept = self._kept.get(key)
                if kept is not None:
                    yield start, key, kept

    def _note(self, project: str, key: str, kept: Contribution) -> None:
        start = kept.sums.start
        self._by_window.setdefault(project, {}).setdefault(start, set()).add(key)
        if start >= self.closed_until(project):
            opened = self._opened.setdefault(project, {})
            opened[start] = min(opened.get(start, kept.heard_ms), kept.heard_ms)

    def _drop(self, project: str, start: int, key: str) -> None:
        windows = self._by_window[project]
        windows[start].discard(key)
        if not windows[start]:
            del windows[start]
            self._opened.get(project, {}).pop(start, None)
        if not windows:
            del self._by_window[project]
        if key in self._kept:
            del self._kept[key]


def _heard(source: Source, sums: WindowSums, at_ms: int) -> Source:
    covered = sums.source
    anew = covered.generation != source.generation and covered.last < source.committed
    return Source(
        generation=covered.generation,
        flush=covered.flush,
        read_until=covered.last + 1 if anew else max(source.read_until, covered.last + 1),
        committed=covered.committed if anew else max(source.committed, covered.committed),
        low_ms=sums.low_at_ms,
        heard_ms=max(source.heard_ms, at_ms),
        awaited=covered.unread is not None and not (sums.empty and covered.unread == 0),
    )


def _patience(source: Source) -> int:
    """How many milliseconds of silence may mean that calls of the source are still to be read."""
    return AWAITED_MS if source.awaited else IDLE_MS
