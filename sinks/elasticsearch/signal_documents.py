"""Signals as documents: deployments, alerts, checks, used resources, error logs, log-ins and use of data.

A report of resources becomes a document for each resource, so that any of them can be told apart by name and averaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from contracts.cloudevents import rfc3339
from contracts.signals import Signal
from sinks.elasticsearch.document import ECS_VERSION, Document, encode

Said = dict[str, Any]


def signal_documents(signal: Signal) -> tuple[Document, ...]:
    """What one signal says, which has to be without anything personal already; ``message`` is for a person."""
    stream = f"logs-hypercare.signals-{signal.tenant}.{signal.project}"
    return tuple(
        Document(stream, f"{signal.id}{suffix}", encode(_body(signal, said, more)))
        for suffix, said, more in _OF_KIND[signal.kind](signal)
    )


def _body(signal: Signal, said: Said, more: Said) -> Said:
    """``said`` stands below ``hypercare.signal``, ``more`` under names of ECS."""
    body: Said = {
        "@timestamp": rfc3339(signal.occurred_at),
        "ecs": {"version": ECS_VERSION},
        "event": {"id": signal.id, "kind": "event", "dataset": "hypercare.signals"},
        "service": {"name": signal.service, "environment": signal.environment},
        "hypercare": {
            "tenant": signal.tenant,
            "project": signal.project,
            "attributes": signal.attributes,
            "signal": {"kind": signal.kind, **said},
        },
    }
    for name, value in more.items():
        body[name] = {**body[name], **value} if name in body else value
    return body


Parts = Iterator[tuple[str, Said, Said]]
"""What the id ends with, what stands below ``hypercare.signal``, and fields of ECS."""


def _deployment(signal: Signal) -> Parts:
    if (one := signal.deployment) is not None:
        said = {
            "state": one.state,
            "previous": one.previous,
            "quiet_until": one.quiet_until and rfc3339(one.quiet_until),
        }
        what = " ".join(part for part in (signal.service, one.release) if part)
        done = one.state.replace("_", " ")
        yield "", said, {"service": {"version": one.release}, "message": f"{what}: deployment {done}"}


def _alert(signal: Signal) -> Parts:
    if (one := signal.alert) is not None:
        said = {"name": one.name, "state": one.state, "severity": one.severity}
        message = f"{one.name} {one.state}" + (f": {one.summary}" if one.summary else "")
        yield "", said, {"event": {"kind": "alert"}, "message": message}


def _uptime(signal: Signal) -> Parts:
    if (one := signal.uptime) is not None:
        said = {"monitor": one.monitor, "up": int(one.up), "latency_ms": one.latency_ms, "reason": one.reason}
        message = f"{one.monitor} is {'up' if one.up else 'down'}" + (f": {one.reason}" if one.reason else "")
        yield "", said, {"event": {"kind": "metric"}, "message": message}


def _resources(signal: Signal) -> Parts:
    if (one := signal.resources) is not None:
        for name, used in one.used.items():
            said = {"instance": one.instance, "resource": name, "used": used}
            yield f"/{name}", said, {"event": {"kind": "metric"}}


def _error_log(signal: Signal) -> Parts:
    if (one := signal.error_log) is not None:
        yield "", {"count": one.count}, {"error": {"code": one.type, "message": one.message}}


def _login(signal: Signal) -> Parts:
    if (one := signal.login) is not None:
        country = one.client.geo.country_iso if one.client.geo is not None else None
        yield "", {"device": one.device}, {
            "event": {"outcome": "success" if one.ok else "failure"},
            "user": {"hash": one.account},
            "client": {"ip": one.client.ip, "geo": {"country_iso_code": country}},
        }  # fmt: skip


def _usage(signal: Signal) -> Parts:
    if (one := signal.usage) is not None:
        said = {"data": one.data, "rows": one.rows, "bytes": one.bytes}
        yield "", said, {"event": {"action": one.action}, "user": {"hash": one.account}}


_OF_KIND: dict[str, Callable[[Signal], Parts]] = {
    "deployment": _deployment,
    "alert": _alert,
    "uptime": _uptime,
    "resources": _resources,
    "error_log": _error_log,
    "login": _login,
    "usage": _usage,
}
