"""Find one event wherever it may be: a bounded look through the topics, and Elasticsearch by its id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from contracts.topics import DEAD_LETTERS, SOURCES
from hypercare.consumer_groups import ConsumerGroups
from hypercare.documents_by_id import hits_of, hits_that
from hypercare.event_view import event_id, view
from hypercare.flow import group_of, reader_of
from hypercare.incidents.ended_in import INDICES as INCIDENTS
from hypercare.incidents.ended_in import incidents_in, names_of, question
from hypercare.lag import stage_lags
from hypercare.topic_reader import Found, TopicReader
from hypercare.trace_story import DocumentFound, Evidence
from sinks.elasticsearch.sampling import ALL, Sampling

MAX_PER_PARTITION = 50_000
"""Records of one partition that are looked at, the newest; a million and a half in all at most."""
MAX_FOUND = 200
LONG = 50_000
"""Records from which somebody who waits is told so: some seconds, on a busy machine."""
INDICES = "logs-hypercare.*,hypercare-feedback*"
_DERIVED = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Looked:
    """Where was looked: ``cut`` names topics of which older records were left out."""

    topics: list[str]
    records: int
    cut: list[str]
    indices: str


def mentions(record: Found, wanted: str, *, derived: bool) -> bool:
    """Whether a record may be the event, at little cost.

    ``derived`` ids stand nowhere in their event, and are given only where no header says one: what our own programs
    write needs no reading.
    """
    if derived and not any(name.lower() == "ce_id" for name, _ in record.headers):
        return True
    plain, escaped = wanted.encode(), json.dumps(wanted)[1:-1].encode()
    value = record.value or b""
    return plain in value or escaped in value or any(found == plain for _, found in record.headers)


def is_event(record: Found, wanted: str) -> bool:
    """Whether a record is the event: by its id, or where it cannot be read, by mentioning it."""
    if not mentions(record, wanted, derived=bool(_DERIVED.fullmatch(wanted))):
        return False
    if event_id(record) == wanted:
        return True
    return view(record).mode in {"unreadable", "dead_letter"} and mentions(record, wanted, derived=False)


def gather(
    bootstrap: str,
    elastic: Elasticsearch,
    wanted: str,
    *,
    since_ms: int,
    prefix: str = "",
    sampling: Sampling = ALL,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Evidence, Looked]:
    """Look everywhere; raise `Unavailable` or Elasticsearch's own errors when that is not possible.

    ``say`` is told when that takes a while.
    """
    topics = [prefix + topic.name for topic in (*SOURCES, *DEAD_LETTERS)]
    records: list[Found] = []
    count = 0
    with TopicReader(bootstrap) as reader:
        cut: list[str] = []
        for record in _since(reader, topics, since_ms, cut, say):
            count += 1
            if len(records) < MAX_FOUND and is_event(record, wanted):
                records.append(record)
    groups = ConsumerGroups(bootstrap)
    positions = {
        (r.topic, r.partition): groups.committed(group_of(stage, prefix), (r.topic, r.partition)) or 0
        for r in records
        if (stage := reader_of(r.topic.removeprefix(prefix)))
    }
    behind = {lag.stage: lag.lag for lag in stage_lags(bootstrap, prefix=prefix)}
    hits = hits_of(elastic, INDICES, wanted, most=MAX_FOUND)
    documents = [DocumentFound(hit["_index"], hit["_id"], str(hit["_source"].get("@timestamp", ""))) for hit in hits]
    names = names_of(wanted, [hit["_source"] for hit in hits])
    ended = incidents_in(hits_that(elastic, INCIDENTS, question(wanted, names), most=MAX_FOUND), wanted, names)
    evidence = Evidence(records, documents, positions, behind, prefix, sampling, ended)
    return evidence, Looked(topics, count, sorted(set(cut)), f"{INDICES},{INCIDENTS}")


def _since(
    reader: TopicReader, topics: Sequence[str], since_ms: int, cut: list[str], say: Callable[[str], None]
) -> Iterator[Found]:
    partitions = reader.partitions(*topics)
    spans = {part: reader.span(part) for part in partitions}
    first = reader.offsets_at(partitions, since_ms)
    starts = {part: max(first[part], high - MAX_PER_PARTITION) for part, (_, high) in spans.items() if part in first}
    left = sum(spans[part][1] - start for part, start in starts.items())
    if left >= LONG:
        say(f"Looking through {left:,} records of {len(topics)} topics; a shorter `--since` is quicker …")
    cut += [part[0] for part, start in starts.items() if start > first[part]]
    yield from reader.read(starts, {part: spans[part][1] for part in starts})
