"""Columns as the state of Lens holds them.

Their shapes are those of Kibana 8.8, which later versions read as well. Formulas are not used: Kibana computes them
from hidden columns that only its own editor writes.
"""

from __future__ import annotations

from typing import Any

from sinks.kibana.columns import Bucket, Number, Terms, Times
from sinks.kibana.conditions import Condition, Has
from sinks.kibana.panels import Layer

RECORDS = "___records___"
"""What Lens calls the documents themselves."""


def bucket_id(layer: int, number: int) -> str:
    """The id of a bucket's column, unique in its panel."""
    return f"l{layer}b{number}"


def number_id(layer: int, number: int) -> str:
    """The id of a measure's column, unique in its panel."""
    return f"l{layer}n{number}"


def layer_state(layer: Layer, index: int) -> dict[str, Any]:
    """The columns of a layer; buckets stand first, in the order of nesting."""
    columns = {bucket_id(index, i): bucket_column(bucket, index) for i, bucket in enumerate(layer.by)}
    columns |= {number_id(index, i): number_column(number) for i, number in enumerate(layer.numbers)}
    return {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}}


def bucket_column(bucket: Bucket, layer: int) -> dict[str, Any]:
    """What documents are put together by."""
    if isinstance(bucket, Times):
        return {
            **_column(bucket.label, "date", "date_histogram", "interval", bucketed=True),
            "sourceField": bucket.field,
            "params": {"interval": bucket.interval, "includeEmptyRows": True, "dropPartials": False},
        }
    if isinstance(bucket, Terms):
        return {
            **_column(bucket.label, bucket.kind, "terms", "ordinal", bucketed=True),
            "sourceField": bucket.field,
            "params": _terms(bucket, layer),
        }
    groups = [{"label": label, "input": _kuery(where)} for label, where in bucket.groups]
    return {
        **_column(bucket.label, "string", "filters", "ordinal", bucketed=True),
        "params": {"filters": groups},
    }


def number_column(number: Number) -> dict[str, Any]:
    """What is counted or measured."""
    kind = number.kind if number.operation in {"last_value", "min", "max"} else "number"
    scale = "ordinal" if number.operation == "last_value" and kind != "number" else "ratio"
    column = {
        **_column(number.label, kind, number.operation, scale, bucketed=False),
        "sourceField": number.field or RECORDS,
        "params": _measure(number),
    }
    where = condition_of(number)
    if where is not None:
        column["filter"] = _kuery(where)
    if number.shift:
        column["timeShift"] = number.shift
    return column


def condition_of(number: Number) -> Condition | None:
    """Its own condition; the last value is that of the last document which has one."""
    return number.where or (Has(number.field) if number.operation == "last_value" else None)


def _terms(bucket: Terms, layer: int) -> dict[str, Any]:
    by = {"type": "alphabetical", "fallback": True}
    if bucket.by is not None:
        by = {"type": "column", "columnId": number_id(layer, bucket.by)}
    return {
        "size": bucket.size,
        "orderBy": by,
        "orderDirection": "asc" if bucket.ascending or bucket.by is None else "desc",
        "otherBucket": False,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
        "include": [],
        "exclude": [],
        "includeIsRegex": False,
        "excludeIsRegex": False,
    }


def _measure(number: Number) -> dict[str, Any]:
    shown = {"format": number.format.lens()} if number.kind == "number" else {}
    match number.operation:
        case "count" | "sum" | "unique_count":
            return {"emptyAsNull": number.operation != "count", **shown}
        case "percentile":
            return {"percentile": number.percent, **shown}
        case "last_value":
            return {"sortField": number.by_time, "showArrayValues": True, **shown}
        case _:
            return shown


def _column(label: str, kind: str, operation: str, scale: str, *, bucketed: bool) -> dict[str, Any]:
    return {
        "label": label,
        "customLabel": True,
        "dataType": kind,
        "operationType": operation,
        "isBucketed": bucketed,
        "scale": scale,
    }


def _kuery(where: Condition) -> dict[str, str]:
    return {"query": where.kql, "language": "kuery"}
