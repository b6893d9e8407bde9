"""Looks at a project when a window has closed: which findings open, last, or end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from contracts.agreements import Agreements, Project
from contracts.findings import Finding
from contracts.signals import Signal
from processors.health.ai.ai_calls import AiCalls
from processors.health.by_project import by_name
from processors.health.consumers import beyond_agreed
from processors.health.detect import Alarm, detect
from processors.health.findings import FINDINGS, Known, close_if_quiet, open_finding, see_again
from processors.health.gateways import Gateways, lost_s
from processors.health.lasting import accepted, lasts, refined, was_served, whole
from processors.health.leaf_history import WAYS, LeafHistory, ProjectLeaves
from processors.health.look import Look
from processors.health.pinpoint import pinpoint
from processors.health.route_sightings import MOST_VICTIMS, of_route, of_service
from processors.health.routes import Routes
from processors.health.services import Services
from processors.health.sighting import Sighting
from processors.health.signals.noticed import Noticed, shown
from processors.health.slow_combinations import slow_combinations, still_slow, told_by_mean
from processors.health.sources import Sources
from processors.health.totals import RouteKey, Window
from processors.health.usual.before import Before
from processors.health.usual.memories import Memories
from processors.health.usual.outlook import Outlook
from processors.health.versions import side_by_side
from processors.runtime import metrics
from processors.runtime.tables import State

LOOK_S = 30
"""Seconds between two searches for failing combinations, which a share per route may hide."""
REFINE_S, REFINE_UP_TO = 900, 100.0
"""A cause may be corrected for so long after the finding opened, and until so many failures were seen."""
PART = 0.5
"""A service is named beside a slower one, or a gateway, when it costs its callers at least so large a part of that."""
AT_SERVICE = 0.5
"""A service gets slower itself when so large a part of it is not what gateways add."""
MOST_ALIKE = 20
"""Open findings of one kind that signals may raise in a project: an attack on a thousand accounts is one problem."""


class Observer:
    """The findings of one partition's projects."""

    def __init__(self, state: State, agreements: Agreements) -> None:
        self._agreements = agreements
        self._findings = by_name(state[FINDINGS])
        self._routes = Routes(state)
        self._leaves = LeafHistory(state)
        self._services = Services(state)
        self._sources = Sources(state)
        self._gateways = Gateways(state)
        self._ai = AiCalls(state)
        self._usual = Memories(state)
        self._outlook = Outlook(state)
        self._noticed = Noticed(state)
        self.before = Before(state)

    def projects(self) -> list[str]:
        """Projects with open findings."""
        return self._findings.projects()

    def take(self, project: str, window: Window) -> None:
        """Take a closed window in."""
        self._leaves.keep(project, window.start, window.leaves)
        self._routes.take(project, window, self._agreements.of(project))
        self._services.take(project, window)
        self._sources.take(project, window)
        self._gateways.take(project, window)
        self._ai.take(project, window)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        for part in (
            self._routes, self._leaves, self._services, self._sources, self._gateways, self._ai,
            self._usual, self._outlook, self._noticed, self._findings,
        ):  # fmt: skip
            part.forget(project)

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
        sightings += [*self._sources.silent(project, end), *self._ai.look(project, end, agreed.limits)]
        sightings += self._coming(project, look, agreed)
        sightings += self.before.look(project, self._routes.of(project), self._usual.of(project), look, agreed.limits)
        sightings += self._noticed.standing(project, end, agreed.limits)
        routed = self._leaves.of(project, "errors")
        for kind in WAYS:
            leaves = self._leaves.of(project, kind)
            alarmed = kind == "errors" and any(alarm.kind == "errors" for _, alarm in alarms)
            if look.passes(LOOK_S):
                yield from self._follow(leaves, end)
            if alarmed or look.passes(LOOK_S):
                aside = [known.said.cause for known in self._open(project) if known.said.kind == kind]
                aside += accepted(leaves, agreed, end) if kind == "errors" else ()
                seen = [s for s in pinpoint(leaves, look, aside=aside, failing=alarmed) if lasts(leaves, s, end)]
                sightings += [s for s in seen if kind != "routing_failures" or was_served(routed, s)]
                sightings += beyond_agreed(leaves, agreed, end, [*aside, *(s.cause for s in seen)])
        sightings += self._slower_somewhere(project, look, sightings)
        for sighting in sightings:
            yield from self._note(project, sighting)
        for known in self._open(project):
            yield from self._close(project, known, end)

    def notice(self, project: str, signal: Signal) -> Iterator[Finding]:
        """What a signal shows, at once: it needs no window."""
        for sighting in self._noticed.take(project, signal, self._agreements.of(project).limits):
            same = [known for known in self._open(project) if known.said.kind == sighting.kind]
            if len(same) < MOST_ALIKE or any(known.said.cause == sighting.cause for known in same):
                yield from self._note(project, sighting)
            else:
                metrics.CAPPED.labels("finding").inc()

    def remember(self, project: str, signal: Signal) -> None:
        """A signal of the past: it shows nothing now, but explains what was found then."""
        self._noticed.remember(project, signal)

    def pass_time(self, project: str, now: int) -> Iterator[Finding]:
        """See what became of what signals have shown, where no window of calls closes."""
        if not any(shown(known.said) for known in self._open(project)):
            return
        for sighting in self._noticed.standing(project, now, self._agreements.of(project).limits):
            yield from self._note(project, sighting)
        for known in self._open(project):
            if shown(known.said):
                yield from self._close(project, known, now)

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
        complete = partial(self._completed, project)
        for known in self._open(project):
            if known.said.kind == sighting.kind and known.said.cause == sighting.cause:
                again, event = see_again(project, known, sighting, complete)
                break
        else:
            again, event = open_finding(project, complete(sighting))
        self._findings.keep(project, again.finding, again)
        if event is not None:
            yield event

    def _completed(self, project: str, sighting: Sighting) -> Sighting:
        """With what came shortly before it, and how the versions that ran side by side fared."""
        sighting = self._noticed.beside(project, sighting)
        if sighting.kind not in WAYS:
            return sighting
        leaves = self._leaves.of(project, sighting.kind)
        return replace(sighting, versions=side_by_side(leaves, sighting.cause, sighting.since, sighting.until))

    def _coming(self, project: str, look: Look, agreed: Project) -> list[Sighting]:
        """What is announced; services that merely wait for one that gets slower are its victims, or for a gateway."""
        coming = list(self._outlook.look(project, self._routes.of(project), look, agreed.limits))
        slower = [s for s in coming if "typical_ms" in s.numbers and self._slows(project, s, look.end)]
        waiting = [s for s in slower if self._services.waits(project, dict(s.cause).get("upstream", ""), look.end)]
        victims = tuple(sorted(value for s in waiting for _, value in s.cause))[:MOST_VICTIMS]
        guilty = [replace(s, victims=victims) for s in slower if s not in waiting]
        return [*guilty, *(s for s in coming if "typical_ms" not in s.numbers)]

    def _slows(self, project: str, said: Sighting, end: int) -> bool:
        """Whether at least half of what a call takes longer is spent at the service, as far as gateways tell."""
        if not self._gateways.told(project):
            return True
        slowed = self._services.slowed(project, dict(said.cause).get("upstream", ""), end)
        longer = said.numbers["typical_ms"] / said.numbers["usual_typical_ms"] - 1
        return slowed is None or slowed - 1 >= AT_SERVICE * longer

    def _slow(self, project: str, alarms: list[tuple[RouteKey, Alarm]], end: int) -> Iterator[Sighting]:
        """Who is slow: a gateway instance, or the service whose own time grew most; others may merely wait for it."""
        gateways = list(self._gateways.slow(project, end))
        yield from gateways
        slow = [(key, alarm) for key, alarm in alarms if alarm.kind == "latency"]
        if not slow:
            return
        guilty = self._services.slower(project, end)
        upstreams = {upstream for (_, upstream), _ in slow}
        most = max([slower.more_s for slower in guilty[:1]] + [lost_s(gateway) for gateway in gateways], default=0.0)
        own = [slower for slower in guilty if slower.more_s >= PART * most]
        for slower in own:
            at_it = [alarm for (_, upstream), alarm in slow if upstream == slower.service]
            yield of_service(slower, at_it, sorted(upstreams - {s.service for s in guilty}), end)
        if not own and not gateways:
            yield from (of_route(key, alarm, end) for key, alarm in slow)

    def _slower_somewhere(self, project: str, look: Look, seen: Iterable[Sighting]) -> Iterator[Sighting]:
        """Combinations that are slow while no route or service is, and those that still are."""
        if not look.passes(LOOK_S):
            return
        leaves, now = self._leaves.of(project, "latency"), list(seen)
        open_ones = [known.said for known in self._open(project)]
        for said in open_ones:
            if told_by_mean(said) and (still := still_slow(leaves, said, look.end)) is not None:
                yield still
        if not any(said.kind == "latency" and not told_by_mean(said) for said in (*open_ones, *now)):
            aside = [said.cause for said in (*open_ones, *now) if said.kind in {"latency", "errors", "forecast"}]
            yield from slow_combinations(leaves, look, aside)

    def _follow(self, leaves: ProjectLeaves, end: int) -> Iterator[Finding]:
        """See whether open findings of failing combinations last, and whether their cause is named better now."""
        project = leaves.project
        open_ones = [known for known in self._open(project) if known.said.kind == leaves.kind]
        for known in open_ones:
            others = [other.said.cause for other in open_ones if other is not known]
            sighting = whole(leaves, known.said, end) if lasts(leaves, known.said, end, others) else None
            if end - known.opened_at <= REFINE_S or known.said.observed < REFINE_UP_TO:
                sighting = refined(leaves, known.said, end, others) or sighting
            if sighting is not None:
                again, event = see_again(project, known, sighting, partial(self._completed, project))
                self._findings.keep(project, again.finding, again)
                if event is not None:
                    yield event
