"""Prometheus Alertmanager, webhook version 4: one signal an alert.

An alert that goes on firing is told again and again: once an hour it is a signal of its own, which says that it still
fires; everything within the hour has the same id. ``endsAt`` is the year 1 while an alert fires.
Source: prometheus/alertmanager notify/webhook/webhook.go, template/template.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson

from contracts.cloudevents import derived_id, rfc3339
from contracts.errors import Rejected
from contracts.signals import Signal
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, Refused, signal_of

HOUR = timedelta(hours=1)
_SERVICE = ("service", "service_name", "app", "app_kubernetes_io_name")


def read(arrived: Arrived) -> Iterator[Signal | Refused]:
    """Each alert of the group."""
    record = json_object(arrived.body)
    alerts = record.get("alerts")
    if not isinstance(alerts, list):
        raise Rejected("missing_field", "alerts: a list is expected, as webhook version 4 has it")
    for number, alert in enumerate(alerts):
        try:
            yield _signal(arrived, alert, f"alerts.{number}.")
        except Rejected as rejected:
            yield Refused(orjson.dumps(alert), rejected)


def _signal(arrived: Arrived, alert: Any, prefix: str) -> Signal:
    if not isinstance(alert, dict):
        raise Rejected("not_an_object", f"{prefix[:-1]}: an object is expected")
    fields = Fields(alert, prefix)
    labels, notes = fields.part("labels"), fields.part("annotations")
    name = labels.text("alertname")
    if name is None:
        raise Rejected("missing_field", f"{prefix}labels.alertname: not there")
    state = "resolved" if fields.text("status") == "resolved" else "firing"
    begin = fields.moment("startsAt")
    hours = 0 if state == "resolved" else max(0, (arrived.at - begin) // HOUR)
    moment = fields.moment("endsAt") if state == "resolved" else begin + hours * HOUR
    fields.drop("endsAt")
    fingerprint = fields.text("fingerprint") or str(sorted(labels.left.items()))
    said = {
        "id": derived_id("alertmanager", fingerprint, name, rfc3339(begin), state, hours or None),
        "occurred_at": moment,
        "kind": "alert",
        "service": labels.text(*_SERVICE),
        "alert": {
            "name": name,
            "state": state,
            "severity": labels.text("severity"),
            "summary": notes.text("summary", "description", limit=LINE_CHARS),
        },
    }
    rest = Fields({**dict(labels.rest()), "generator": fields.text("generatorURL")})
    return signal_of(arrived, rest, said)


HOOK = Hook(
    name="alertmanager",
    title="Prometheus Alertmanager, webhook_configs",
    event=Signal,
    read=read,
    set_up="webhook_configs: url, http_config.authorization.credentials: TOKEN",
)
