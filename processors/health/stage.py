"""The health stage: sums of windows in; findings, and the health of each window, out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from contracts.agreements import Agreements, Project
from contracts.baselines import RouteBefore
from contracts.cloudevents import headers_for, open_envelope, read_event
from contracts.event import Event
from contracts.findings import Finding, WindowHealth
from contracts.topic import Topic
from contracts.topics import BASELINES, FINDINGS, HEALTH, HEALTH_STATE, SIGNALS, WINDOWS
from contracts.windows import WINDOW_S, WindowSums
from processors.health import contributions, findings, gateways, leaf_history, routes, services, sources
from processors.health.ai import memory as ai
from processors.health.contributions import Correction
from processors.health.ledger import Ledger
from processors.health.look import Look
from processors.health.observe import Observer
from processors.health.signals import noticed
from processors.health.signals.repeats import Repeats
from processors.health.signals.stored import read_signal
from processors.health.totals import add_up
from processors.health.usual import before, memories, outlook
from processors.health.window_health import health_of
from processors.runtime import metrics
from processors.runtime.records import Record
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State, TableSpec

SOURCE = "urn:hypercare:stage:health"


class _Partition:
    """What works on the state of one partition; it only indexes what the state holds."""

    def __init__(self, state: State, agreements: Agreements) -> None:
        self.ledger = Ledger(state)
        self.observer = Observer(state, agreements)
        self.repeats = Repeats(state)


class HealthStage:
    """Stateful, keyed by tenant/project."""

    name = "health"
    topics: tuple[Topic, ...] = (WINDOWS, BASELINES, SIGNALS)
    state = HEALTH_STATE
    tables: tuple[TableSpec[Any], ...] = (
        *contributions.TABLES,
        *leaf_history.TABLES,
        routes.ROUTES,
        services.SERVICES,
        sources.HEARD,
        gateways.ADDED,
        ai.MODELS,
        findings.FINDINGS,
        *memories.TABLES,
        outlook.TRENDS,
        before.BEFORE,
        *noticed.TABLES,
    )
    tick_s = 0.25

    def __init__(self, pseudonym_key: bytes, projects: Iterable[Project] = ()) -> None:
        """``projects`` are what was agreed about some of them."""
        self._key = pseudonym_key
        self._agreements = Agreements(projects)
        self._partitions: WeakKeyDictionary[State, _Partition] = WeakKeyDictionary()

    def begin(self, state: State) -> None:
        """Build the indexes of a partition."""
        self._of(state)

    def process(self, record: Record, state: State) -> Sequence[Outgoing]:
        """Take sums in; windows close when time passes."""
        partition = self._of(state)
        if record.topic.endswith(BASELINES.name):
            partition.observer.before.take(read_event(open_envelope(record.value, record.headers), RouteBefore))
            return []
        if record.topic.endswith(SIGNALS.name):
            return list(_outgoing(self._notice(record, partition)))
        corrections = self.take(
            read_event(open_envelope(record.value, record.headers), WindowSums), record.timestamp, state
        )
        corrected = [
            health
            for correction in corrections
            for health in health_of(add_up(0, [correction.sums]), correction.sums, correction=correction.sign)
        ]
        return list(_outgoing(corrected))

    def take(self, sums: WindowSums, at_ms: int, state: State) -> Sequence[Correction]:
        """Take sums in that Kafka has from ``at_ms``; return what they change in windows that have closed."""
        corrections = self._of(state).ledger.add(sums, at_ms)
        if corrections:
            metrics.LATE_SUMS.inc(len(corrections))
        return corrections

    def tick(self, time: datetime, state: State) -> Sequence[Outgoing]:
        """Close the windows that need not wait any longer; forget imports that ended long ago."""
        return list(_outgoing(self.judge(time, state, charted=True)))

    def judge(self, time: datetime, state: State, *, charted: bool) -> Iterator[Finding | WindowHealth]:
        """The same as events: findings, and where it is ``charted`` the health of each window that closed."""
        partition, now_ms = self._of(state), int(time.astimezone(UTC).timestamp() * 1000)
        for project in partition.ledger.idle(now_ms):
            partition.observer.forget(project)
            partition.ledger.forget(project)
        for project in partition.ledger.projects():
            yield from self._close_due(partition, project, now_ms, charted=charted)
        yield from self._listen(partition, now_ms)

    def _of(self, state: State) -> _Partition:
        found = self._partitions.get(state)
        if found is None:
            found = self._partitions[state] = _Partition(state, self._agreements)
        return found

    def _notice(self, record: Record, partition: _Partition) -> Iterator[Finding]:
        signal, clamped, backfill = read_signal(record, self._key)
        project = signal.place
        if partition.repeats.has(project, signal):
            raise Skipped("repeat")
        if clamped:
            metrics.CLAMPED_SIGNALS.inc()
        if not backfill:
            yield from partition.observer.notice(project, signal)
        elif signal.kind in {"deployment", "alert"}:
            partition.observer.remember(project, signal)
        else:
            raise Skipped("signal_of_the_past")

    def _listen(self, partition: _Partition, now_ms: int) -> Iterator[Finding]:
        for project in partition.observer.projects():
            if not partition.ledger.is_open(project):
                yield from partition.observer.pass_time(project, now_ms // 1000)
        for project, unheard_s in partition.ledger.unheard(now_ms):
            yield from partition.observer.listen(project, unheard_s)

    def _close_due(
        self, partition: _Partition, project: str, now_ms: int, *, charted: bool
    ) -> Iterator[Finding | WindowHealth]:
        due = partition.ledger.due(project, now_ms)
        for start in due:
            closed_until = partition.ledger.closed_until(project)
            added = partition.ledger.close(project, start)
            window = add_up(start, added)
            partition.observer.take(project, window)
            if added and charted:
                yield from health_of(window, added[0])
            yield from partition.observer.look(project, Look(closed_until, start + WINDOW_S))
        if due:
            partition.ledger.drop_final(project)


def _outgoing(events: Any) -> Iterator[Outgoing]:
    for event in events:
        yield Outgoing(_TOPIC_OF[type(event)], event.key, event.encode(), headers_for(event, SOURCE))


_TOPIC_OF: dict[type[Event], str] = {event: topic.name for topic in (FINDINGS, HEALTH) for event in topic.events}
