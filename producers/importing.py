"""Read a file of calls, feedback or signals into Kafka, line by line, and say what became of it.

1. look at the start of the file and decide how to read it; 2. for a replay, read it once for its last time;
3. read it, publish what is good and keep what is bad as dead letters; 4. wait until the broker has confirmed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, islice
from typing import Literal
from urllib.parse import quote

from contracts.cloudevents import rfc3339
from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected, Stop
from contracts.event import Event
from contracts.topic import Topic
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from producers.adapters.adapter import Adapter, Place
from producers.adapters.bundles import unbundled
from producers.adapters.contract import CONTRACT_SIGNALS
from producers.adapters.detect import detect
from producers.adapters.open_feedback import Reading, TableOptions, open_feedback
from producers.files import STDIN, Line, Progress, open_lines, source_name
from producers.outlet import Outlet
from producers.replay import Pace, latest_time, shift_to, shifted

Kind = Literal["calls", "feedback", "signals"]
SAMPLE_LINES = 1_000
SAMPLE_BYTES = 8_388_608
FIRST_REJECTIONS = 10
TOPIC_OF_KIND: dict[Kind, Topic] = {"calls": GATEWAY, "feedback": FEEDBACK, "signals": SIGNALS}


@dataclass(slots=True)
class ImportReport:
    """What was read and what became of it; the times are those that were published."""

    adapter: str
    origin: str
    decided: list[str]
    shift: timedelta = timedelta()
    read: int = 0
    published: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first_rejections: list[tuple[int, str, str]] = field(default_factory=list)
    first_time: datetime | None = None
    last_time: datetime | None = None

    def count_published(self, event: Event) -> None:
        """Count one event."""
        self.published += 1
        moment = event.occurred_at
        self.first_time = moment if self.first_time is None else min(self.first_time, moment)
        self.last_time = moment if self.last_time is None else max(self.last_time, moment)

    def count_rejected(self, line: int, rejected: Rejected) -> None:
        """Count one bad line, and keep the first few to show."""
        self.rejected += 1
        self.reasons[rejected.reason] += 1
        if len(self.first_rejections) < FIRST_REJECTIONS:
            self.first_rejections.append((line, rejected.reason, rejected.detail))


def origin_of(path: str) -> str:
    """CloudEvents source of everything that comes from this file; give it to the publisher."""
    return f"urn:hypercare:import:{quote(source_name(path), safe='.-_~')}"


def import_file(
    path: str,
    *,
    kind: Kind,
    publisher: Outlet,
    adapter: Adapter | None = None,
    tenant: str = "default",
    project: str = "default",
    environment: str = "production",
    replay_at: datetime | None = None,
    keep_times: bool = False,
    pace: Pace | None = None,
    table: TableOptions | None = None,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> ImportReport:
    """Import one file; ``-`` is the standard input.

    ``replay_at`` moves every time so that the last event happens then, ``keep_times`` says that the old times are
    meant, ``pace`` plays the events as if they happened now. With none of them, times stay and are taken for live.
    ``now`` is the time of rows without one and of the dead letters. Raise `Stop` before anything is published when
    the file cannot be understood.
    """
    if sum((replay_at is not None, keep_times, pace is not None)) > 1:
        raise Stop(
            "times can be moved, kept or played, only one of these", fix="give --replay-at, --keep-times or --speed"
        )
    if replay_at and path == STDIN:
        raise Stop("a replay reads twice, the input can be read once", fix="give a file, or --keep-times")
    now = now or datetime.now(UTC)
    place = Place(source_name(path), 0, tenant, project, environment)
    with open_lines(path, progress=progress) as lines:
        sample = _sampled(lines)
        reading = _reading(sample, path, kind, adapter, table or TableOptions(), now=now)
        report = ImportReport(reading.adapter.name, origin_of(path), list(reading.decided))
        if replay_at:
            report.shift = _shift(path, reading, place, replay_at)
            report.decided.append(
                f"times are moved by {_in_words(report.shift)}, so that the last is {rfc3339(replay_at)}"
            )
        run = _Run(publisher, TOPIC_OF_KIND[kind].name, place, reading.adapter, report, now)
        for record in _records(chain(sample, lines), reading):
            run.take(record, replay_at=replay_at, keep_times=keep_times, pace=pace)
    publisher.flush()
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """One import under way."""

    publisher: Outlet
    topic: str
    place: Place
    adapter: Adapter
    report: ImportReport
    now: datetime

    def take(self, record: Line, *, replay_at: datetime | None, keep_times: bool, pace: Pace | None) -> None:
        """Publish a record as an event, or as a dead letter."""
        self.report.read += 1
        try:
            event = _event(record, self.adapter, self.place)
            if pace:
                event = pace.play(event)
            if replay_at:
                event = shifted(event, self.report.shift)
            self.publisher.publish(event, backfill=keep_times or replay_at is not None)
        except Rejected as rejected:
            self.report.count_rejected(record.number, rejected)
            self.publisher.publish_dead_letter(self._letter(record, rejected))
        else:
            self.report.count_published(event)

    def _letter(self, record: Line, rejected: Rejected) -> DeadLetter:
        return DeadLetter.of_input(
            rejected, record.data, topic=self.topic, stage="import", at=self.now,
            source=self.place.source, line=record.number,
        )  # fmt: skip


def _sampled(lines: Iterator[Line]) -> list[Line]:
    """First lines, to be looked at: bounded in number and in bytes."""
    sample: list[Line] = []
    size = 0
    for line in lines:
        sample.append(line)
        size += len(line.data)
        if len(sample) >= SAMPLE_LINES or size >= SAMPLE_BYTES:
            break
    return sample


def _reading(
    sample: Sequence[Line],
    path: str,
    kind: Kind,
    adapter: Adapter | None,
    table: TableOptions,
    *,
    now: datetime,
) -> Reading:
    if adapter is None and kind == "signals":
        adapter = CONTRACT_SIGNALS
    if adapter is not None:
        if adapter.event not in TOPIC_OF_KIND[kind].events:
            raise Stop(f"the adapter {adapter.name} does not read {kind}", fix="leave the adapter out")
        reading = Reading(adapter, (f"{adapter.name}: as told",), partial(unbundled, adapter=adapter))
        _check_fits(sample, reading, path)
        return reading
    if kind == "feedback":
        return open_feedback(sample, path, table, now=now)
    detected = detect([line.data for line in sample], path)
    return Reading(detected.adapter, (detected.reason,), partial(unbundled, adapter=detected.adapter))


def _check_fits(sample: Sequence[Line], reading: Reading, path: str) -> None:
    """Refuse an adapter that can read none of the first lines, before all of them become dead letters."""
    refused: Rejected | None = None
    for line in _records(iter(sample), reading):
        try:
            _event(line, reading.adapter, Place(source_name(path), 0))
        except Rejected as rejected:
            refused = refused or rejected
        else:
            return
    if refused:
        raise Stop(
            f"none of the first {len(sample)} lines of {path} fits the adapter {reading.adapter.name}: {refused}",
            fix="see docs/importing.md for what it takes",
        )


def _in_words(shift: timedelta) -> str:
    """Days, hours, minutes and seconds; back in time with a minus."""
    whole = timedelta(seconds=round(abs(shift).total_seconds()))
    return f"-{whole}" if shift < timedelta() else str(whole)


def _shift(path: str, reading: Reading, place: Place, replay_at: datetime) -> timedelta:
    with open_lines(path) as lines:
        latest = latest_time(_good(_records(lines, reading), reading.adapter, place))
    return timedelta() if latest is None else shift_to(latest, replay_at)


def _good(records: Iterable[Line], adapter: Adapter, place: Place) -> Iterator[Event]:
    for record in records:
        try:
            yield _event(record, adapter, place)
        except Rejected:
            continue


def _records(lines: Iterator[Line], reading: Reading) -> Iterator[Line]:
    """Pick the records that are not blank, without the header."""
    records = (record for record in reading.records(lines) if record.fault or record.data.strip())
    return islice(records, 1, None) if reading.header else records


def _event(record: Line, adapter: Adapter, place: Place) -> Event:
    if record.fault:
        raise record.fault
    here = Place(place.source, record.number, place.tenant, place.project, place.environment, record.part)
    return adapter.parse(record.data, here)
