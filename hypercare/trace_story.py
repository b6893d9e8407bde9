"""What became of one event, told from what was found of it; no question is asked here."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import orjson

from contracts.calls import EnrichedCall
from contracts.cloudevents import open_envelope, read_event
from contracts.dead_letters import described
from contracts.errors import Rejected
from contracts.topic import DEAD_LETTER_SUFFIX
from hypercare.event_view import when
from hypercare.flow import DERIVES, reader_of
from hypercare.incidents.ended_in import EndedIn
from hypercare.topic_reader import Found, Partition
from processors.event_time import CLAMPED
from sinks.elasticsearch.sampling import ALL, Sampling

Kind = Literal["raw", "derived", "dead letter", "document", "incident"]
MOST_NEXT = 3
_ORDER: tuple[Kind, ...] = ("raw", "derived", "dead letter", "document", "incident")


@dataclass(frozen=True, slots=True)
class DocumentFound:
    """A document in Elasticsearch; ``at`` is the time of the event."""

    index: str
    id: str
    at: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was found.

    ``positions`` are the offsets that the reading stage commits next, by partition, 0 where it never did;
    ``behind`` is the lag of each stage. Topics carry the ``prefix``. ``sampling`` says which successful calls are to
    have a document.
    """

    records: Sequence[Found]
    documents: Sequence[DocumentFound]
    positions: Mapping[Partition, int]
    behind: Mapping[str, int]
    prefix: str = ""
    sampling: Sampling = ALL
    incidents: Sequence[EndedIn] = ()


@dataclass(frozen=True, slots=True)
class Hop:
    """One station; ``place`` is ``topic/partition/offset``, an index or an incident, ``decision`` what became of it."""

    kind: Kind
    at: str
    place: str
    decision: str


@dataclass(slots=True)
class Story:
    """Stations in the order of the flow, what should have happened and has not, and commands that lead on."""

    hops: list[Hop] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    next: list[str] = field(default_factory=list)


def tell(evidence: Evidence) -> Story:
    """Put everything in order and say what was decided at each station."""
    return _Telling(evidence).story()


class _Telling:
    """One story in the making."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._letters = [record for record in evidence.records if record.topic.endswith(DEAD_LETTER_SUFFIX)]
        self._outputs = {stage: _count(evidence.records, stage, evidence.prefix) for stage in DERIVES}
        self._enriched: set[str] = set()
        self._missing: list[str] = []

    def story(self) -> Story:
        """Stations in the order of the flow."""
        hops: list[Hop] = []
        sources = [record for record in self._evidence.records if record not in self._letters]
        for record in sorted(sources, key=lambda r: (r.timestamp, str(r.place))):
            stage = reader_of(record.topic.removeprefix(self._evidence.prefix))
            kind: Kind = "raw" if stage in DERIVES else "derived"
            hops.append(Hop(kind, when(record.timestamp), str(record.place), self._decision(record, stage)))
        for letter in self._letters:
            said = described(letter.headers)
            decision = f"kept by {said.get('stage') or 'an import'}: {said.get('reason', '?')}"
            hops.append(Hop("dead letter", when(letter.timestamp), str(letter.place), decision))
        hops += [Hop("document", d.at, d.index, f"indexed, _id {d.id}") for d in self._evidence.documents]
        hops += [Hop("incident", one.opened_at, one.incident, _attached(one)) for one in self._evidence.incidents]
        hops.sort(key=lambda hop: _ORDER.index(hop.kind))
        return Story(hops, list(dict.fromkeys(self._missing)), list(self._next()))

    def _next(self) -> Iterator[str]:
        """How to go on from here: to the incidents, and to why feedback is where it is."""
        named = dict.fromkeys(one.merged_into or one.incident for one in self._evidence.incidents)
        yield from (f"hypercare incidents show {name}" for name in list(named)[:MOST_NEXT])
        for document in self._evidence.documents:
            if "hypercare-feedback" in document.index:
                yield f"hypercare explain {shlex.quote(document.id)}"
                break

    def _decision(self, record: Found, stage: str) -> str:
        if reason := self._rejected_for(record):
            return f"dead-lettered by {stage}: {reason}"
        if self._evidence.positions.get((record.topic, record.partition), 0) <= record.offset:
            return self._waiting(stage)
        return self._of_a_processor(stage) if stage in DERIVES else self._of_a_sink(stage, record)

    def _rejected_for(self, record: Found) -> str:
        for letter in self._letters:
            said = described(letter.headers)
            source = (self._evidence.prefix + said.get("topic", ""), said.get("partition"), said.get("offset"))
            if source == (record.topic, str(record.partition), str(record.offset)):
                return f"{said.get('reason', '?')}, {said.get('detail', '')}"
        return ""

    def _waiting(self, stage: str) -> str:
        behind = self._evidence.behind.get(stage)
        how_far = "its lag is not known" if behind is None else f"{stage} is {behind:,} behind"
        self._missing.append(f"not yet {'processed' if stage in DERIVES else 'indexed'}: {how_far}")
        return f"waits for {stage}"

    def _of_a_processor(self, stage: str) -> str:
        """Each output is the work of one record; records beyond them were repeats."""
        if self._outputs[stage] > 0:
            self._outputs[stage] -= 1
            self._enriched.add(stage)
            return f"enriched by {stage}{self._own_time(stage)}"
        if stage in self._enriched:
            return f"dropped by {stage} as a repeat"
        self._missing.append(f"{stage} took it, but what it made of it is not found: a repeat, or longer ago")
        return f"taken by {stage}, no output found"

    def _own_time(self, stage: str) -> str:
        """Say so where the time of the event was not believed: nobody would look for it at another one."""
        names = {self._evidence.prefix + topic.name for topic in DERIVES[stage]}
        told = [at for record in self._evidence.records if record.topic in names and (at := _clamped_to(record))]
        return f", with the time Kafka got it, {told[0]}: its own is too far from that" if told else ""

    def _of_a_sink(self, stage: str, record: Found) -> str:
        if any(_index_of(stage) in document.index for document in self._evidence.documents):
            return f"indexed by {stage}"
        if stage == "sink-calls" and (why := _not_kept(record, self._evidence.sampling)):
            return f"not indexed by {stage}: {why}"
        self._missing.append(f"{stage} took it, but its document is not found: deleted since, or see the stage's log")
        return f"taken by {stage}, no document found"


def _clamped_to(record: Found) -> str:
    """The time that an enriched event has instead of its own; empty when it kept its own, or cannot be read."""
    try:
        said = orjson.loads(open_envelope(record.value, record.headers).data)
    except (Rejected, orjson.JSONDecodeError):
        return ""
    if not isinstance(said, dict) or not isinstance(notes := said.get("notes"), list) or CLAMPED not in notes:
        return ""
    return str(said.get("occurred_at", "?"))


def _attached(one: EndedIn) -> str:
    state = f"merged into {one.merged_into}" if one.merged_into else one.state
    return f"{one.priority} {one.severity} {state}: {one.title}: {one.how}"


def _count(records: Sequence[Found], stage: str, prefix: str) -> int:
    names = {prefix + topic.name for topic in DERIVES[stage]}
    return sum(record.topic in names for record in records)


def _not_kept(record: Found, sampling: Sampling) -> str:
    """Why a call is to have no document; empty for one that should have one, or that cannot be read."""
    try:
        call = read_event(open_envelope(record.value, record.headers), EnrichedCall)
    except Rejected:
        return ""
    if sampling.weight(call):
        return ""
    kept = f"one in {sampling.one_in}" if sampling.successful == "sample" else "none"
    return f"it went well, and of such calls {kept} is kept (HYPERCARE_SUCCESSFUL_CALLS)"


def _index_of(stage: str) -> str:
    return {"sink-calls": "hypercare.calls-", "sink-feedback": "hypercare-feedback"}.get(stage, "hypercare.")
