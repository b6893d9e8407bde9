"""Whether the audit of incidents is whole: each entry follows from the one before, none was changed or taken out.

Kafka deletes the oldest records of a partition, never single ones. So the beginning of a chain may be gone, and that is
told, not blamed; but a chain that begins late on a partition from which nothing was deleted is broken. What nobody can
see is whether the newest entries of a chain were taken away before they were copied elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from contracts.audit import AuditEntry
from contracts.cloudevents import open_envelope
from contracts.errors import Rejected
from contracts.topics import AUDIT
from hypercare.topic_reader import Found, Partition, Place, TopicReader
from processors.incidents.chain import broken


@dataclass(frozen=True, slots=True)
class Break:
    """What is wrong, and the place of the record that shows it."""

    place: str
    incident: str
    problem: str


@dataclass(slots=True)
class Verified:
    """What was looked at; ``begins`` is the first sequence number that is kept of incidents whose beginning is gone."""

    entries: int = 0
    incidents: int = 0
    others: int = 0
    begins: dict[str, int] = field(default_factory=dict)
    breaks: list[Break] = field(default_factory=list)


def verify_topic(bootstrap: str, *, prefix: str = "", incident: str = "") -> Verified:
    """Read the audit and check it; raise `Unavailable` when the broker does not answer."""
    with TopicReader(bootstrap) as reader:
        spans = {part: reader.span(part) for part in reader.partitions(prefix + AUDIT.name)}
        lows = {part: low for part, (low, _) in spans.items()}
        records = reader.read(lows, {part: high for part, (_, high) in spans.items()})
        return verify(records, lows, incident=incident)


def history(bootstrap: str, incident: str, *, prefix: str = "") -> list[AuditEntry]:
    """The entries of one incident in their order."""
    with TopicReader(bootstrap) as reader:
        spans = {part: reader.span(part) for part in reader.partitions(prefix + AUDIT.name)}
        starts = {part: low for part, (low, _) in spans.items()}
        records = reader.read(starts, {part: end for part, (_, end) in spans.items()})
        named = incident.encode()  # a cheap look first: few of many entries are about it
        read = (entry_of(record) for record in records if named in (record.value or b""))
        return [entry for entry in read if entry is not None and entry.incident == incident]


def verify(records: Iterable[Found], lows: Mapping[Partition, int], *, incident: str = "") -> Verified:
    """Check the chains of records in the order of their partitions; ``lows`` are the first offsets still kept."""
    found = Verified()
    last: dict[str, AuditEntry] = {}
    for record in records:
        entry = entry_of(record)
        if entry is None:
            found.breaks.append(Break(str(record.place), "", "it is no audit entry"))
        elif entry.incident is None:
            found.others += 1
        elif not incident or entry.incident == incident:
            found.entries += 1
            found.breaks += _look(record.place, entry, last.get(entry.incident))
            if entry.incident not in last:
                found.breaks += _begin(found, record, entry, lows.get((record.topic, record.partition), 0))
            if entry.link is not None:
                last[entry.incident] = entry
    found.incidents = len(last)
    return found


def entry_of(record: Found) -> AuditEntry | None:
    """The entry of a record; None for anything else."""
    try:
        return AuditEntry.model_validate_json(open_envelope(record.value, record.headers).data)
    except (Rejected, ValidationError):
        return None


def _look(place: Place, entry: AuditEntry, before: AuditEntry | None) -> Iterator[Break]:
    """What is wrong with an entry by itself and after the one before."""
    looked: list[AuditEntry] = []

    def one_by_one() -> Iterator[AuditEntry]:
        for each in (before, entry):
            if each is not None:
                looked.append(each)
                yield each

    for problem in broken(one_by_one()):
        if looked[-1] is entry:
            yield Break(str(place), entry.incident or "", problem)


def _begin(found: Verified, record: Found, entry: AuditEntry, low: int) -> Iterator[Break]:
    """Whether a chain may begin here: at its first entry, or after those that the topic no longer keeps."""
    if entry.link is None or entry.link.sequence == 0:
        return
    if low == 0:
        problem = f"it begins at entry {entry.link.sequence}, and nothing was deleted from the topic by age"
        yield Break(str(record.place), entry.incident or "", problem)
    else:
        found.begins[entry.incident or ""] = entry.link.sequence
