"""What a panel has to show, worked out from documents in plain Python, without anything of what asks Elasticsearch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

import orjson

from sinks.elasticsearch.document import Document
from sinks.kibana.columns import Bucket, Filters, Number, Terms, Times
from sinks.kibana.conditions import All, AtLeast, Begins, Below, Condition, Has, Is, Not
from sinks.kibana.panels import DataView, Layer, LensPanel

Doc = dict[str, list[Any]]
"""Values by field, as Elasticsearch sees them: an object's fields by their path, a list as several values."""
TIMES = {
    "@timestamp", "event.start", "event.end", "event.created", "hypercare.incident.onset",
    "hypercare.incident.opened_at", "hypercare.incident.last_evidence_at",
    "hypercare.incident.targets.acknowledge.met_at", "hypercare.incident.targets.acknowledge.due_at",
    "hypercare.incident.targets.fix.due_at",
}  # fmt: skip
COPIED = {
    "hypercare.others.failed": "hypercare.failed",
    "hypercare.others.total_ms": "hypercare.latency.total_ms",
    "hypercare.others.upstream_ms": "hypercare.latency.upstream_ms",
    "hypercare.others.gateway_ms": "hypercare.latency.gateway_ms",
    "hypercare.others.bytes": "http.response.body.bytes",
}
"""Numbers of calls that have no document of their own."""
STEPS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@dataclass(frozen=True)
class Quantile:
    """Between what an estimate of a quantile may lie."""

    low: float
    high: float


@dataclass(frozen=True)
class OneOf:
    """Any of these: the latest documents may be several."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Span:
    """The time that is looked at, how long an automatic step is, and how far back it lies, in milliseconds."""

    since: datetime
    until: datetime
    step_s: int
    back_ms: int = 0

    @property
    def window(self) -> tuple[int, int]:
        """First and last millisecond since 1970."""
        return _epoch_ms(self.since) - self.back_ms, _epoch_ms(self.until) - self.back_ms


class There:
    """What is there in the end: of a document that lives the highest version, else the first."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_index: dict[str, list[Doc]] = {}
        for one in _latest(documents):
            self._by_index.setdefault(one.stream, []).append(flat(orjson.loads(one.body)))
        self._seen: dict[str, list[Doc]] = {}

    def of(self, view: DataView) -> list[Doc]:
        """What a view shows, with its computed fields."""
        if view.id not in self._seen:
            inside = (docs for index, docs in self._by_index.items() if fnmatchcase(index, view.pattern))
            self._seen[view.id] = [_computed(doc, view) for docs in inside for doc in docs]
        return self._seen[view.id]


def _latest(documents: Iterable[Document]) -> Iterable[Document]:
    there: dict[tuple[str, str], Document] = {}
    for document in documents:
        known = there.get((document.stream, document.key))
        if known is None or (document.version is not None and document.version > (known.version or 0)):
            there[document.stream, document.key] = document
    return there.values()


def flat(body: dict[str, Any]) -> Doc:
    """Every value by the path of its field."""
    found: Doc = {}
    for path, value in _paths(body, ""):
        found.setdefault(COPIED.get(path, path), []).append(_ms(value) if path in TIMES else value)
    return found


def expected(panel: LensPanel, index: int, there: There, span: Span) -> dict[tuple[Any, ...], list[Any]]:
    """Values of each number by the keys of the buckets."""
    layer = panel.layers[index]
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for place, number in enumerate(layer.numbers):
        then = replace(span, back_ms=number.shift_ms)
        first, last = then.window
        docs = [
            doc
            for doc in there.of(layer.view)
            if meant(doc, panel.where)
            and all(any(first <= at <= last for at in doc.get(time, ())) for time in layer.times)
        ]
        for key, inside in _buckets(layer, 0, docs, then):
            row = rows.setdefault(key, [None] * len(layer.numbers))
            row[place] = measured(number, inside)
    return rows


def meant(doc: Doc, condition: Condition | None) -> bool:  # noqa: PLR0911 - one for each kind
    """Whether a condition means a document."""
    match condition:
        case None:
            return True
        case Is(name, values):
            return any(value in values for value in doc.get(name, ()))
        case Begins(name, text):
            return any(value.startswith(text) for value in doc.get(name, ()))
        case Has(name):
            return bool(doc.get(name))
        case AtLeast(name, least):
            return any(value >= _bound(least) for value in doc.get(name, ()))
        case Below(name, less):
            return any(value < _bound(less) for value in doc.get(name, ()))
        case Not(of):
            return not meant(doc, of)
        case All(parts):
            return all(meant(doc, part) for part in parts)


def measured(number: Number, docs: Sequence[Doc]) -> Any:  # noqa: PLR0911 - one for each operation
    """One measure of some documents."""
    chosen = [doc for doc in docs if meant(doc, number.where)]
    if number.operation == "count" and not number.field:
        return sum(doc.get("_doc_count", [1])[0] for doc in chosen)
    values = [value for doc in chosen for value in doc.get(number.field, ())]
    match number.operation:
        case "count":
            return len(values)
        case "unique_count":
            return len(set(values))
        case "sum":
            return math.fsum(values) if chosen else None
        case "average":
            return math.fsum(values) / len(values) if values else None
        case "max":
            return max(values, default=None)
        case "min":
            return min(values, default=None)
        case "percentile":
            return _quantile(sorted(values), number.percent / 100)
        case _:
            return _last(number, [doc for doc in chosen if doc.get(number.field)])


def agrees(told: Any, wanted: Any) -> bool:
    """Whether Elasticsearch says what was worked out; floats are stored with 24 bits."""
    match wanted:
        case Quantile(low, high):
            return isinstance(told, int | float) and low - 1e-3 * abs(low) <= told <= high + 1e-3 * abs(high)
        case OneOf(values):
            return any(agrees(told, value) for value in values)
        case float() | int() if not isinstance(wanted, bool):
            return isinstance(told, int | float) and math.isclose(told, wanted, rel_tol=1e-5, abs_tol=1e-6)
        case _:
            return bool(told == wanted)


def _last(number: Number, docs: Sequence[Doc]) -> Any:
    if not docs:
        return None
    newest = max(max(doc[number.by_time]) for doc in docs)
    return OneOf(tuple(_shown(doc[number.field]) for doc in docs if max(doc[number.by_time]) == newest))


def _shown(values: list[Any]) -> Any:
    """Texts are stored sorted, each once; one alone is no list."""
    kept = sorted(set(values))
    return kept[0] if len(kept) == 1 else kept


def _quantile(ordered: Sequence[float], share: float) -> Quantile | None:
    if not ordered:
        return None
    place, slack = share * (len(ordered) - 1), 1 + len(ordered) // 100
    low, high = max(0, math.floor(place) - slack), min(len(ordered) - 1, math.ceil(place) + slack)
    return Quantile(ordered[low], ordered[high])


def _buckets(layer: Layer, depth: int, docs: list[Doc], span: Span) -> Iterator[tuple[tuple[Any, ...], list[Doc]]]:
    if depth == len(layer.by):
        yield (), docs
        return
    for key, inside in _split(layer, layer.by[depth], docs, span):
        name = key + span.back_ms if isinstance(layer.by[depth], Times) else key
        for rest, found in _buckets(layer, depth + 1, inside, span):
            yield (name, *rest), found


def _split(layer: Layer, bucket: Bucket, docs: list[Doc], span: Span) -> Iterator[tuple[Any, list[Doc]]]:
    match bucket:
        case Filters(_, groups):
            for label, condition in groups:
                yield label, [doc for doc in docs if meant(doc, condition)]
        case Times():
            step = 1_000 * (span.step_s if bucket.interval == "auto" else _seconds(bucket.interval))
            first, last = span.window
            for start in range(first - first % step, last + 1, step):
                yield start, [doc for doc in docs if any(start <= at < start + step for at in doc[bucket.field])]
        case Terms():
            yield from _most(layer, bucket, docs)


def _most(layer: Layer, bucket: Terms, docs: list[Doc]) -> Iterator[tuple[Any, list[Doc]]]:
    found: dict[Any, list[Doc]] = {}
    for doc in docs:
        for value in dict.fromkeys(doc.get(bucket.field, ())):
            found.setdefault(value, []).append(doc)
    keys = sorted(found)
    if bucket.by is not None:
        number = layer.numbers[bucket.by]
        keys.sort(key=lambda key: _rank(measured(number, found[key])), reverse=not bucket.ascending)
    for key in keys[: bucket.size]:
        yield key, found[key]


def _rank(value: Any) -> float:
    if isinstance(value, Quantile):
        value = value.low
    return -math.inf if value is None else float(value)


def _computed(doc: Doc, view: DataView) -> Doc:
    """The document with the computed fields of its view, worked out here once more."""
    return (
        doc
        | {name: COMPUTED[name](doc) for name in view.runtime if (view.id, name) not in OWN}
        | {name: OWN[view.id, name](doc) for name in view.runtime if (view.id, name) in OWN}
    )


def _after(doc: Doc, field: str, kind: str) -> list[Any]:
    return [value.removeprefix(kind) for value in doc.get(field, ()) if value.startswith(kind)]


def _between(doc: Doc, since: str, until: str) -> list[Any]:
    return [(doc[until][0] - doc[since][0]) / 60_000] if since in doc and until in doc else []


EVIDENCE = "hypercare.incident.evidence.id"
OPENED = "hypercare.incident.opened_at"
COMPUTED: dict[str, Any] = {
    "hypercare.routed": lambda doc: [int(doc["hypercare.outcome"] != ["gateway_error"])] * len(doc["hypercare.failed"]),
    "hypercare.incident.acknowledge_min": lambda doc: _between(
        doc, OPENED, "hypercare.incident.targets.acknowledge.met_at"
    ),
    "hypercare.incident.resolve_min": lambda doc: _between(doc, OPENED, "event.end"),
    "hypercare.incident.acknowledge_target_min": lambda doc: _between(
        doc, OPENED, "hypercare.incident.targets.acknowledge.due_at"
    ),
    "hypercare.incident.fix_target_min": lambda doc: _between(doc, OPENED, "hypercare.incident.targets.fix.due_at"),
    "hypercare.delay_s": lambda doc: [60 * minutes for minutes in _between(doc, "@timestamp", "event.created")],
    "hypercare.finding.breach_h": lambda doc: [
        seconds / 3_600 for seconds in doc.get("hypercare.finding.breach_s", ())
    ],
    "hypercare.finding.id": lambda doc: _after(doc, EVIDENCE, "finding:"),
    "hypercare.group.id": lambda doc: _after(doc, EVIDENCE, "group:"),
    "hypercare.links.call": lambda doc: doc.get("hypercare.incident.samples.call", []),
    "hypercare.incident.id": lambda doc: doc.get("hypercare.audit.incident", []),
}
OWN: dict[tuple[str, str], Any] = {
    ("hypercare-calls", "hypercare.links.call"): lambda doc: doc.get("event.id", []),
}


def _seconds(interval: str) -> int:
    return int(interval[:-1]) * STEPS[interval[-1]]


def _bound(value: str | float) -> float:
    if isinstance(value, str):
        return _epoch_ms(datetime.now(UTC)) - 1_000 * _seconds(value.removeprefix("now-"))
    return value


def _paths(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, path)
    else:
        yield path, value


def _ms(text: str) -> int:
    return _epoch_ms(datetime.fromisoformat(text))


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
