"""Metrics → signals: is it up, and how full is it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.cloudevents import derived_id, rfc3339
from contracts.errors import Rejected
from contracts.signals import MOST_RESOURCES, Signal
from producers.adapters.adapter import Place, validated
from producers.adapters.otlp_values import attributes_of
from producers.metrics.capacity import used_parts
from producers.metrics.prometheus import Sample

NAME_CHARS = 300
REASON_CHARS = 500
MOST_RESOURCES_OF_A_RECORD = 1_000


def uptime_signal(
    place: Place,
    monitor: str,
    at: datetime,
    *,
    up: bool,
    latency_ms: float | None = None,
    reason: str = "",
    service: str = "",
) -> Signal:
    """One check; its id comes from the monitor and the moment."""
    uptime = {
        "monitor": monitor[:NAME_CHARS],
        "up": up,
        "latency_ms": latency_ms,
        "reason": reason[:REASON_CHARS] or None,
    }
    return _signal(place, "uptime", monitor, at, said=uptime, service=service)


def resources_signal(
    place: Place, instance: str, at: datetime, used: Mapping[str, float], service: str = ""
) -> Signal | None:
    """Used parts of an instance; None where nothing has a limit."""
    if not used:
        return None
    kept = dict(list(used.items())[:MOST_RESOURCES])
    return _signal(
        place, "resources", instance, at, said={"instance": instance[:NAME_CHARS], "used": kept}, service=service
    )


def up_signals(place: Place, samples: Sequence[Sample], at: datetime) -> Iterator[Signal]:
    """What a page says of others: ``up`` of a federated Prometheus, ``probe_success`` of a blackbox exporter."""
    for sample in samples:
        if sample.name in {"up", "probe_success"} and sample.value in {0.0, 1.0}:
            monitor = "/".join(sample.labels[name] for name in ("job", "instance") if name in sample.labels)
            if monitor:
                yield uptime_signal(place, monitor, at, up=bool(sample.value), service=sample.labels.get("service", ""))


def signals_of_otlp(record: Mapping[str, Any], place: Place) -> list[Signal]:
    """Signals of one export request of metrics (OTLP/JSON); one for each resource and moment."""
    groups = record.get("resourceMetrics")
    if not isinstance(groups, list):
        raise Rejected("missing_field", "resourceMetrics: a list is expected")
    found: list[Signal] = []
    for group in groups[:MOST_RESOURCES_OF_A_RECORD]:
        if not isinstance(group, dict):
            raise Rejected("invalid_field", "resourceMetrics: an object is expected")
        about = _attributes(_inner(group, "resource"))
        samples, at = _samples(group)
        service = about.get("service.name", "")
        instance = about.get("service.instance.id") or about.get("host.name") or service or "unnamed"
        signal = resources_signal(place, instance, at, used_parts(samples), service) if at else None
        if signal:
            found.append(signal)
    if not found:
        raise Rejected("nothing_known", "none of these metrics says how full anything is")
    return found


def _samples(group: Mapping[str, Any]) -> tuple[list[Sample], datetime | None]:
    samples: list[Sample] = []
    newest = 0
    for scope in _list(group, "scopeMetrics"):
        for metric in _list(scope, "metrics"):
            name = metric.get("name")
            for shape in ("gauge", "sum"):
                for point in _list(_inner(metric, shape), "dataPoints"):
                    value = _value(point)
                    if value is not None and isinstance(name, str):
                        samples.append(Sample(name, _attributes(point), value))
                        newest = max(newest, _nanoseconds(point.get("timeUnixNano")))
    try:
        return samples, datetime.fromtimestamp(newest / 1e9, UTC) if newest else None
    except (ValueError, OverflowError, OSError):
        raise Rejected("invalid_time", "timeUnixNano is no time") from None


def _signal(place: Place, kind: str, what: str, at: datetime, *, said: Mapping[str, Any], service: str) -> Signal:
    owner = (place.tenant, place.project, place.environment)
    fields = {
        "id": derived_id("metrics", kind, *owner, what, rfc3339(at)),
        "occurred_at": at,
        "kind": kind,
        "service": service[:NAME_CHARS] or None,
        kind: said,
    }
    return validated(Signal, fields, place)


def _attributes(found: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in attributes_of(found).items()}


def _inner(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}


def _list(found: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    inner = found.get(name)
    return [part for part in inner if isinstance(part, dict)] if isinstance(inner, list) else []


def _value(point: Mapping[str, Any]) -> float | None:
    for name in ("asDouble", "asInt"):
        try:
            value = float(point[name])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        return value if abs(value) < 1e300 else None  # noqa: PLR2004 - neither infinite nor NaN
    return None


def _nanoseconds(found: object) -> int:
    text = str(found)
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0  # noqa: PLR2004
