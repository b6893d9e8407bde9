"""Looks at a project when a window has closed: which findings open, last, or end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contracts.agreements import Agreements, Project
from contracts.findings import Finding
from processors.health.by_project import by_name
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.detect import SURE, Alarm, detect
from processors.health.findings import FINDINGS, Known, close_if_quiet, open_finding, see_again
from processors.health.leaf_history import WAYS, LeafHistory, ProjectLeaves
from processors.health.look import Look
from processors.health.pinpoint import failures_of, pinpoint, region
from processors.health.route_sightings import MOST_VICTIMS, of_route, of_service
from processors.health.routes import Routes
from processors.health.services import Services
from processors.health.sighting import CauseKey, Sighting
from processors.health.sources import Sources
from processors.health.totals import RouteKey, Window
from processors.health.usual.before import Before
from processors.health.usual.memories import Memories
from processors.health.usual.outlook import Outlook
from processors.runtime import metrics
from processors.runtime.tables import State

LOOK_S = 30
"""Seconds between two searches for failing combinations, which a share per route may hide."""
REFINE_S, REFINE_UP_TO = 900, 100.0
"""A cause may be corrected for so long after the finding opened, and until so many failures were seen."""
BETTER = 3.0
"""By how much a corrected cause has to score more: twenty times as likely."""
LASTS = 4.0
"""Score above which a finding is still there; low, because it is looked for in one place."""
PART = 0.5
"""A second service is named beside the slowest when it costs its callers at least so large a part of what that does."""
AGREED_S = 300
"""How far back failures are held against what was agreed for a route or consumer."""


class Observer:
    """The findings of one partition's projects."""

    def __init__(self, state: State, agreements: Agreements) -> None:
        self._agreements = agreements
        self._findings = by_name(state[FINDINGS])
        self._routes = Routes(state)
        self._leaves = LeafHistory(state)
        self._services = Services(state)
        self._sources = Sources(state)
        self._usual = Memories(state)
        self._outlook = Outlook(state)
        self.before = Before(state)

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        self._leaves.keep(project, window.start, window.leaves)
        self._routes.take(project, window, self._agreements.of(project))
        self._services.take(project, window)
        self._sources.take(project, window)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._routes.forget(project)
        self._leaves.forget(project)
        self._services.forget(project)
        self._sources.forget(project)
        self._usual.forget(project)
        self._outlook.forget(project)
        self._findings.forget(project)

    def look(self, project: str, look: Look) -> Iterator[Finding]:
        """Everything to be said at the end of a window."""
        end, agreed = look.end, self._agreements.of(project)
        alarms = [
            (key, alarm)
            for key, state in self._routes.of(project)
            for alarm in detect(state, end, agreed.of_route(key[0]))
        ]
        told = {place for known in self._open(project) if known.said.kind == "errors" for place in known.said.cause}
        alarms += [
            (key, alarm)
            for key, alarm in self._usual.look(project, self._routes.of(project), look, agreed)
            if alarm.kind != "burn_rate" or told.isdisjoint({("route", key[0]), ("upstream", key[1])})
        ]
        sightings = [of_route(key, alarm, end) for key, alarm in alarms if alarm.kind not in {"errors", "latency"}]
        sightings += self._slow(project, alarms, end)
        sightings += self._sources.silent(project, end)
        sightings += self._coming(project, look, agreed)
        sightings += self.before.look(project, self._routes.of(project), self._usual.of(project), look, agreed.limits)
        failing = any(alarm.kind == "errors" for _, alarm in alarms)
        for kind in WAYS:
            leaves = self._leaves.of(project, kind)
            alarmed = failing and kind == "errors"
            if look.passes(LOOK_S):
                yield from self._follow(leaves, end)
            if alarmed or look.passes(LOOK_S):
                aside = [known.said.cause for known in self._open(project) if known.said.kind == kind]
                aside += _accepted(leaves, agreed, end) if kind == "errors" else ()
                sightings += [s for s in pinpoint(leaves, look, aside=aside, failing=alarmed) if _lasts(leaves, s, end)]
        for sighting in sightings:
            yield from self._note(project, sighting)
        for known in self._open(project):
            yield from self._close(project, known, end)

    def listen(self, project: str, unheard_s: int) -> Iterator[Finding]:
        """Notice that nothing came for so many seconds: then no window closes, and nothing is looked at.

        Who is not missed any more was taken away for good.
        """
        now, sighting = self._sources.silence(project, unheard_s)
        of_all = (known for known in self._open(project) if (known.said.kind, known.said.cause) == ("blind_spot", ()))
        known = next(of_all, None)
        if sighting is not None and (known is None or now - known.seen_at >= LOOK_S):
            yield from self._note(project, sighting)
        elif sighting is None and known is not None:
            yield from self._close(project, known, now)

    def _open(self, project: str) -> list[Known]:
        return [known for _, known in self._findings.of(project)]

    def _close(self, project: str, known: Known, end: int) -> Iterator[Finding]:
        closed = close_if_quiet(project, known, end)
        if closed is not None:
            self._findings.drop(project, known.finding)
            yield closed

    def _note(self, project: str, sighting: Sighting) -> Iterator[Finding]:
        for known in self._open(project):
            if known.said.kind == sighting.kind and known.said.cause == sighting.cause:
                again, event = see_again(project, known, sighting)
                break
        else:
            again, event = open_finding(project, sighting)
        self._findings.keep(project, again.finding, again)
        if event is not None:
            yield event

    def _coming(self, project: str, look: Look, agreed: Project) -> list[Sighting]:
        """What is announced; services that merely wait for one that gets slower are its victims."""
        coming = list(self._outlook.look(project, self._routes.of(project), look, agreed.limits))
        slower = [sighting for sighting in coming if "typical_ms" in sighting.numbers]
        waiting = [s for s in slower if self._services.waits(project, dict(s.cause).get("upstream", ""), look.end)]
        victims = tuple(sorted(value for s in waiting for _, value in s.cause))[:MOST_VICTIMS]
        guilty = [replace(s, victims=victims) for s in slower if s not in waiting]
        return [*guilty, *(sighting for sighting in coming if sighting not in slower)]

    def _slow(self, project: str, alarms: list[tuple[RouteKey, Alarm]], end: int) -> Iterator[Sighting]:
        """Slow routes: the service whose own time grew most is the cause, others may merely wait for it."""
        slow = [(key, alarm) for key, alarm in alarms if alarm.kind == "latency"]
        if not slow:
            return
        guilty = self._services.slower(project, end)
        upstreams = {upstream for (_, upstream), _ in slow}
        own = [slower for slower in guilty if slower.more_s >= PART * guilty[0].more_s]
        for slower in own:
            at_it = [alarm for (_, upstream), alarm in slow if upstream == slower.service]
            yield of_service(slower, at_it, sorted(upstreams - {s.service for s in guilty}), end)
        if not own:
            yield from (of_route(key, alarm, end) for key, alarm in slow)

    def _follow(self, leaves: ProjectLeaves, end: int) -> Iterator[Finding]:
        """See whether open findings of failing combinations last, and whether their cause is named better now."""
        project = leaves.project
        open_ones = [known for known in self._open(project) if known.said.kind == leaves.kind]
        for known in open_ones:
            sighting = _whole(leaves, known.said, end) if _lasts(leaves, known.said, end) else None
            if end - known.opened_at <= REFINE_S or known.said.observed < REFINE_UP_TO:
                others = [other.said.cause for other in open_ones if other is not known]
                sighting = _refined(leaves, known.said, end, others) or sighting
            if sighting is not None:
                again, event = see_again(project, known, sighting)
                self._findings.keep(project, again.finding, again)
                if event is not None:
                    yield event


def _accepted(leaves: ProjectLeaves, agreed: Project, end: int) -> Iterator[CauseKey]:
    """Routes and consumers of whose calls some fail, but surely no more than was agreed for them."""
    for cause, share in agreed.accepted():
        calls, failed = region(leaves, cause, end - AGREED_S, end)
        if failed and chance_share_exceeds(share, round(failed), round(calls)) <= SURE:
            metrics.ACCEPTED.inc()
            yield cause


def _lasts(leaves: ProjectLeaves, said: Sighting, end: int) -> bool:
    """Whether a problem is still there: what a long look back shows may be over already."""
    calls, failed = region(leaves, said.cause, end - said.memory_s, end)
    expected = calls * said.usual_share
    return failed > expected and poisson_score(failed, max(expected, 0.1)) >= LASTS


def _refined(leaves: ProjectLeaves, said: Sighting, end: int, others: list[CauseKey]) -> Sighting | None:
    for better in pinpoint(leaves, Look(said.since, end), aside=others, since=said.since):
        if better.cause != said.cause and better.score > BETTER + _whole(leaves, said, end).score:
            return better
    return None


def _whole(leaves: ProjectLeaves, said: Sighting, end: int) -> Sighting:
    """A known cause, from its beginning to now."""
    calls, failed = region(leaves, said.cause, said.since, end)
    expected = calls * said.usual_share
    return replace(
        said,
        until=end,
        calls=calls,
        observed=failed,
        expected=expected,
        score=poisson_score(failed, max(expected, 0.1)),
        failures=failures_of(leaves, said.cause, said.since, end),
    )
