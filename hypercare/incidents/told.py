"""Incidents as the topic tells them: as they are now, or as they were told at a moment of the past.

Whatever of one incident is kept lies on one partition in the order of its revisions, so the last record counts. Of the
past it is the last one that was told before the clock of its project had passed the moment. That clock is the latest
``occurred_at`` told so far and not the one of the record: a revision for something late is told after what is newer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from pydantic import ValidationError

from contracts.cloudevents import open_envelope
from contracts.errors import Rejected
from contracts.incidents import Incident
from contracts.topics import INCIDENTS
from hypercare.topic_reader import Found, TopicReader

_REFUSED = (Rejected, ValidationError)


@dataclass(frozen=True, slots=True)
class Told:
    """Incidents, each once; how many could not be read; and those of which no revision so old is kept any more."""

    incidents: tuple[Incident, ...] = ()
    unreadable: int = 0
    forgotten: tuple[str, ...] = ()


def read_now(bootstrap: str, *, prefix: str = "") -> Told:
    """Every incident as it is now; raise `Unavailable` when the broker does not answer."""
    with TopicReader(bootstrap) as reader:
        return now(_records(reader, prefix))


def read_at(bootstrap: str, moment: datetime, *, prefix: str = "", by_kafka: bool = False) -> Told:
    """Every incident as it was told at a moment: by the time of events, or by Kafka's time of the records."""
    with TopicReader(bootstrap) as reader:
        return at(_records(reader, prefix), moment, by_kafka=by_kafka)


def now(records: Iterable[Found]) -> Told:
    """The last record of each incident; only these are read in full, for there may be many revisions."""
    last: dict[bytes, Found] = {}
    for record in records:
        key = record.key or str(record.place).encode()
        if record.value is None:
            last.pop(key, None)
        else:
            last[key] = record
    return _read(last.values())


def at(records: Iterable[Found], moment: datetime, *, by_kafka: bool = False) -> Told:
    """What had been told at a moment."""
    clock = _kafka_clock if by_kafka else _Clock().of
    looked = _Looked(moment)
    for record in records:
        looked.at(record, clock)
    told = _read(looked.last.values())
    return Told(told.incidents, told.unreadable + looked.unreadable, tuple(sorted(looked.forgotten())))


def _records(reader: TopicReader, prefix: str) -> Iterator[Found]:
    spans = {part: reader.span(part) for part in reader.partitions(prefix + INCIDENTS.name)}
    starts, ends = {part: low for part, (low, _) in spans.items()}, {part: high for part, (_, high) in spans.items()}
    yield from reader.read(starts, ends)


def _read(records: Iterable[Found]) -> Told:
    incidents: list[Incident] = []
    unreadable = 0
    for record in records:
        try:
            incidents.append(Incident.model_validate_json(open_envelope(record.value, record.headers).data))
        except _REFUSED:
            unreadable += 1
    return Told(tuple(incidents), unreadable)


Said = dict[str, Any]
ClockOf = Callable[[Found, Said], datetime | None]


class _Clock:
    """How late it is by the events told so far, project by project."""

    def __init__(self) -> None:
        self._latest: dict[tuple[object, ...], datetime] = {}

    def of(self, _: Found, said: Said) -> datetime | None:
        occurred = _time(said.get("occurred_at"))
        if occurred is None:
            return None
        project = said.get("tenant"), said.get("project"), said.get("environment")
        self._latest[project] = max(occurred, self._latest.get(project, occurred))
        return self._latest[project]


def _kafka_clock(record: Found, _: Said) -> datetime | None:
    return datetime.fromtimestamp(record.timestamp / 1000, tz=UTC)


@dataclass(slots=True)
class _Looked:
    """What was seen of the topic on the way to a moment."""

    moment: datetime
    last: dict[bytes, Found] = field(default_factory=dict)
    later: dict[bytes, str] = field(default_factory=dict)
    unreadable: int = 0

    def at(self, record: Found, clock: ClockOf) -> None:
        said = _said(record)
        late = clock(record, said) if said else None
        if late is None:
            self.unreadable += record.value is not None
            return
        key = record.key or str(record.place).encode()
        if late <= self.moment:
            self.last[key] = record
        elif key not in self.last and key not in self.later:
            opened = _time(said.get("opened_at"))
            existed = opened is not None and opened <= self.moment and said.get("revision") != 0
            self.later[key] = str(said.get("incident", "")) if existed else ""

    def forgotten(self) -> Iterator[str]:
        """Incidents that had been opened by then, of which only later revisions are kept."""
        return (name for name in self.later.values() if name)


def _said(record: Found) -> Said:
    try:
        said = orjson.loads(open_envelope(record.value, record.headers).data)
    except (Rejected, orjson.JSONDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _time(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
