"""The search that Kibana sends for a chart, and its answer as rows.

A test and a preview run it, so that what stands behind a chart is proved without Kibana. Sources: elastic/kibana,
``src/platform/plugins/shared/data/common/search/aggs`` and Lens' ``definitions``. One request asks for one layer at one
shift of time; Kibana puts the shifts of a layer into one request and takes them apart again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sinks.kibana.columns import Bucket, Filters, Number, Terms, Times
from sinks.kibana.conditions import Condition
from sinks.kibana.intervals import step_of
from sinks.kibana.lens_columns import bucket_id, condition_of, number_id
from sinks.kibana.panels import DataView, Layer, LensPanel

Body = dict[str, Any]
Row = dict[str, Any]
"""Values by the id of their column; times are milliseconds since 1970."""
SHARD_SIZE = 25
"""What Kibana asks each shard for when at most ten terms are wanted."""
MOST_SMALL = 10


@dataclass(frozen=True, slots=True)
class Period:
    """The time that is looked at."""

    since: datetime
    until: datetime

    def shifted(self, ms: int) -> Period:
        """The same length, earlier."""
        back = timedelta(milliseconds=ms)
        return Period(self.since - back, self.until - back)


@dataclass(frozen=True, slots=True)
class Request:
    """One search: the measures of one layer whose time is shifted by as much."""

    layer: Layer
    index: int
    shift_ms: int
    body: Body

    @property
    def indices(self) -> str:
        """Where to search."""
        return self.layer.view.pattern


def requests(panel: LensPanel, period: Period, *, also: Sequence[Condition] = ()) -> list[Request]:
    """Everything that is asked for a panel; ``also`` are filters of the dashboard."""
    found = []
    for index, layer in enumerate(panel.layers):
        for shift in sorted({number.shift_ms for number in layer.numbers}):
            body = _body(layer, index, shift, _query(layer, panel.where, period.shifted(shift), also), period)
            found.append(Request(layer, index, shift, body))
    return found


def rows(request: Request, answer: Mapping[str, Any]) -> list[Row]:
    """The answer as a table: one row for each innermost bucket, groups in the order in which they were asked for."""
    layer, index = request.layer, request.index
    if not layer.by:
        total = answer["hits"]["total"]["value"]
        aggregations = answer.get("aggregations", {})
        return [_measures(layer, index, request.shift_ms, {**aggregations, "doc_count": total})]
    return list(_walk(request, 0, answer["aggregations"], {}))


def merged(layer: Layer, index: int, parts: Sequence[Sequence[Row]]) -> list[Row]:
    """Rows of several shifts beside each other, where their buckets are the same."""
    keys = [bucket_id(index, i) for i in range(len(layer.by))]
    found: dict[tuple[Any, ...], Row] = {}
    for part in parts:
        for row in part:
            found.setdefault(tuple(row[key] for key in keys), {}).update(row)
    return list(found.values())


def runtime_mappings(view: DataView) -> Body:
    """The computed fields, as Elasticsearch takes them with a search."""
    return {name: {"type": field.kind, "script": {"source": field.script}} for name, field in view.runtime.items()}


def range_of(time: str, period: Period) -> Body:
    """Documents whose time is in the period, both ends included, as Kibana asks for them."""
    window = {"gte": _iso(period.since), "lte": _iso(period.until), "format": "strict_date_optional_time"}
    return {"range": {time: window}}


def _query(layer: Layer, where: Condition | None, period: Period, also: Sequence[Condition]) -> Body:
    times = [range_of(time, period) for time in layer.times]
    asked = [condition.dsl for condition in (where, *also) if condition is not None]
    return {"bool": {"filter": [*asked, *times]}}


def _body(layer: Layer, index: int, shift: int, query: Body, period: Period) -> Body:
    numbers = {number_id(index, i): number for i, number in enumerate(layer.numbers) if number.shift_ms == shift}
    aggs: Body = {}
    for name, number in numbers.items():
        aggs |= _measure(name, number)
    for i in reversed(range(len(layer.by))):
        bucket = layer.by[i]
        aggs |= _ordering(layer, index, bucket)
        inner = {"aggs": aggs} if aggs else {}
        aggs = {bucket_id(index, i): {**_bucket(layer, index, bucket, shift, period), **inner}}
    body: Body = {"size": 0, "track_total_hits": True, "query": query}
    if aggs:
        body["aggs"] = aggs
    if layer.view.runtime:
        body["runtime_mappings"] = runtime_mappings(layer.view)
    return body


def _bucket(layer: Layer, index: int, bucket: Bucket, shift: int, period: Period) -> Body:
    if isinstance(bucket, Times):
        then = period.shifted(shift)
        bounds = {"min": _ms(then.since), "max": _ms(then.until)}
        step = step_of(bucket.interval, period.until - period.since)
        return {
            "date_histogram": {
                "field": bucket.field,
                **step,
                "time_zone": "UTC",
                "min_doc_count": 0,
                "extended_bounds": bounds,
            }
        }
    if isinstance(bucket, Terms):
        few = {"shard_size": SHARD_SIZE} if bucket.size <= MOST_SMALL else {}
        return {"terms": {"field": bucket.field, "size": bucket.size, "order": _order(layer, index, bucket), **few}}
    return {"filters": {"filters": {label: where.dsl for label, where in bucket.groups}}}


def _ordering(layer: Layer, index: int, bucket: Bucket) -> Body:
    """The measure that terms are ordered by has to stand right inside them, however deep the others are."""
    if not isinstance(bucket, Terms) or bucket.by is None:
        return {}
    return _measure(number_id(index, bucket.by), layer.numbers[bucket.by])


def _order(layer: Layer, index: int, bucket: Terms) -> Body:
    if bucket.by is None:
        return {"_key": "asc"}
    direction = "asc" if bucket.ascending else "desc"
    number, name = layer.numbers[bucket.by], number_id(index, bucket.by)
    within = f"{name}-where>" if number.where is not None and not _of_documents(number) else ""
    match number.operation:
        case "count" if _of_documents(number):
            return {name: direction} if number.where is not None else {"_count": direction}
        case "percentile":
            return {f"{within}{name}.{number.percent}": direction}
        case _:
            return {f"{within}{name}": direction}


def _measure(name: str, number: Number) -> Body:
    where = condition_of(number)
    if _of_documents(number):
        return {} if where is None else {name: {"filter": where.dsl}}
    inner = {name: _metric(number)}
    return inner if where is None else {f"{name}-where": {"filter": where.dsl, "aggs": inner}}


def _of_documents(number: Number) -> bool:
    """A count of documents; with a field it is one of values."""
    return number.operation == "count" and not number.field


def _metric(number: Number) -> Body:
    match number.operation:
        case "percentile":
            return {"percentiles": {"field": number.field, "percents": [number.percent]}}
        case "unique_count":
            return {"cardinality": {"field": number.field}}
        case "last_value":
            newest = [{number.by_time: {"order": "desc"}}]
            wanted = [{"field": number.field}]
            return {"top_hits": {"size": 1, "sort": newest, "docvalue_fields": wanted, "_source": False}}
        case "count":
            return {"value_count": {"field": number.field}}
        case "average":
            return {"avg": {"field": number.field}}
        case _:
            return {number.operation: {"field": number.field}}


def _walk(request: Request, depth: int, aggregations: Mapping[str, Any], known: Row) -> Iterator[Row]:
    layer, index = request.layer, request.index
    name = bucket_id(index, depth)
    for key, found in _buckets(layer.by[depth], aggregations[name]["buckets"]):
        value = key + request.shift_ms if isinstance(layer.by[depth], Times) else key
        row = {**known, name: value}
        if depth + 1 < len(layer.by):
            yield from _walk(request, depth + 1, found, row)
        else:
            yield row | _measures(layer, index, request.shift_ms, found)


def _buckets(asked: Bucket, found: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    if isinstance(asked, Filters):
        yield from ((label, found[label]) for label, _ in asked.groups)
        return
    for bucket in found:
        yield bucket["key"], bucket


def _measures(layer: Layer, index: int, shift: int, found: Mapping[str, Any]) -> Row:
    return {
        number_id(index, i): _value(number_id(index, i), number, found)
        for i, number in enumerate(layer.numbers)
        if number.shift_ms == shift
    }


def _value(name: str, number: Number, found: Mapping[str, Any]) -> Any:
    if _of_documents(number):
        return found["doc_count"] if number.where is None else found[name]["doc_count"]
    within = found if condition_of(number) is None else found[f"{name}-where"]
    match number.operation:
        case "percentile":
            (value,) = within[name]["values"].values()
            return value
        case "last_value":
            hits = within[name]["hits"]["hits"]
            values = hits[0]["fields"][number.field] if hits else [None]
            return values[0] if len(values) == 1 else values
        case "sum" if not _counted(number, within, found):
            return None
        case _:
            return within[name]["value"]


def _counted(number: Number, within: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return bool((found if number.where is None else within)["doc_count"])


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1_000:03d}Z"


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)
