"""Alert rules of Kibana, as the basic licence has them: a query over the last minutes, written to an index when met.

They are for teams that look at Kibana anyway; messages to people leave from our own notifications. Kibana keeps rules
outside the file of saved objects (what is imported arrives switched off), so each is created by its own request, under
a fixed id, which has to be a UUID. Sources: elastic/kibana, ``response-ops/rule_params/es_query/v1.ts`` and the
connector ``es_index``; keys that came after 8.8 are left out.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hypercare:kibana:rules")
"""Ids follow from names, so that they are the same at every version."""
ALERTS = "logs-hypercare.alerts-default"
"""Where alerts are written: a data stream, with fields and a retention as `hypercare setup` puts them in place."""
EVERY = "1m"
MOST_GROUPS = 50
STATE_DAYS = 90
"""How far back a rule about a state looks: an incident that nobody touched for less is as open as before."""
DAY = 24 * 60
Body = dict[str, Any]


def id_in(space: str, name: str) -> str:
    """What is called so in a space: Kibana refuses an id that another space has, as it does one that is no UUID."""
    return str(uuid.uuid5(NAMESPACE, f"{space}/{name}" if space else name))


def connector_id(space: str = "") -> str:
    """The id of the connector in a space."""
    return id_in(space, "connector")


@dataclass(frozen=True, slots=True)
class Rule:
    """Fires when at least ``least`` documents of ``index`` within ``minutes`` meet ``where``, in any group ``by``."""

    name: str
    says: str
    index: str
    where: tuple[Body, ...]
    minutes: int
    least: int
    by: str = ""
    space: str = ""

    @property
    def id(self) -> str:
        """A UUID that follows from the name and the space."""
        return id_in(self.space, self.name)

    def query(self) -> Body:
        """What documents have to meet."""
        return {"bool": {"filter": list(self.where)}}

    def created(self) -> Body:
        """The request that creates it."""
        return {**self.updated(), "rule_type_id": ".es-query", "consumer": "stackAlerts", "enabled": True}

    def updated(self) -> Body:
        """The request that changes it: type, consumer and whether it is switched on are not said again."""
        grouped = {"groupBy": "top", "termField": self.by, "termSize": MOST_GROUPS} if self.by else {"groupBy": "all"}
        return {
            "name": f"Hypercare: {self.name}",
            "tags": ["hypercare"],
            "schedule": {"interval": EVERY},
            "params": {
                "searchType": "esQuery",
                "index": [self.index],
                "timeField": "@timestamp",
                "esQuery": orjson.dumps({"query": self.query()}).decode(),
                "size": 10,
                "timeWindowSize": self.window[0],
                "timeWindowUnit": self.window[1],
                "threshold": [self.least],
                "thresholdComparator": ">=",
                "aggType": "count",
                "excludeHitsFromPreviousRun": False,
                **grouped,
            },
            "actions": [
                self._action("query matched", "open", "{{context.message}}"),
                self._action("recovered", "close", f"{self.name}: not any more"),
            ],
        }

    def _action(self, group: str, told: str, message: str) -> Body:
        """What is done when an alert comes into a group: an action sees no other group, so each end has its own."""
        document = self.document(told, "{{alert.id}}", message)
        return {
            "group": group,
            "id": connector_id(self.space),
            "params": {"documents": [document]},
            "frequency": {"summary": False, "notify_when": "onActionGroupChange", "throttle": None},
        }

    def document(self, told: str, alert: str, message: str) -> Body:
        """What is written; Kibana puts the time to it, and texts where two braces stand."""
        return {
            "event": {"kind": "alert", "dataset": "hypercare.alerts", "action": told},
            "rule": {"id": self.id, "name": self.name, "description": self.says},
            "hypercare": {"alert": alert},
            "message": message,
        }

    @property
    def window(self) -> tuple[int, str]:
        """How far back it looks, whole days as days."""
        return (self.minutes, "m") if self.minutes % DAY else (self.minutes // DAY, "d")

    def search(self, until: datetime, *also: Body) -> Body:
        """The search that Kibana runs for it at a moment."""
        since = until - timedelta(minutes=self.minutes)
        time = {"range": {"@timestamp": {"gte": since.isoformat(), "lte": until.isoformat()}}}
        found: Body = {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [self.query(), time, *also]}}}
        if self.by:
            found["aggs"] = {"groups": {"terms": {"field": self.by, "size": MOST_GROUPS}}}
        return found

    def met(self, answer: Mapping[str, Any]) -> list[str]:
        """Groups in which it fires by this answer, a star for all; none when it does not."""
        if not self.by:
            return ["*"] if answer["hits"]["total"]["value"] >= self.least else []
        buckets = answer.get("aggregations", {}).get("groups", {}).get("buckets", [])
        return [str(bucket["key"]) for bucket in buckets if bucket["doc_count"] >= self.least]


def connector() -> Body:
    """The request that creates where alerts go."""
    config = {"index": ALERTS, "refresh": False, "executionTimeField": "@timestamp"}
    return {"name": "Hypercare alerts", "connector_type_id": ".index", "config": config, "secrets": {}}


def _is(field: str, *values: str | float) -> Body:
    return {"terms": {field: list(values)}}


def _true(field: str) -> Body:
    return {"term": {field: True}}


OPEN = _true("hypercare.incident.open")
LATE = [_is(f"hypercare.incident.targets.{what}.state", "late") for what in ("acknowledge", "communicate", "fix")]
RULES = (
    Rule(
        "an S1 incident is open", "An incident with severity S1 is open.", "hypercare-incidents-*",
        (OPEN, _is("hypercare.incident.severity", "S1")), STATE_DAYS * DAY, 1, "hypercare.incident.id",
    ),
    Rule(
        "a time target was missed", "An open incident is late to be acknowledged, told of or mended.",
        "hypercare-incidents-*", (OPEN, {"bool": {"should": LATE, "minimum_should_match": 1}}), STATE_DAYS * DAY,
        1, "hypercare.incident.id",
    ),
    Rule(
        "calls of a route fail", "Twenty calls of a route failed within five minutes.", "logs-hypercare.calls-*",
        (_is("hypercare.failed", 1),), 5, 20, "http.route",
    ),
    Rule(
        "a problem is reported again and again", "Ten reports of the same problem within an hour.",
        "hypercare-groups-*", ({"range": {"hypercare.group.last_hour": {"gte": 10}}},), 60, 1, "hypercare.group.id",
    ),
    Rule(
        "somebody reports a weakness", "A message may speak of a weakness; its words are restricted.",
        "hypercare-feedback-*", (_true("hypercare.restricted"),), 15, 1,
    ),
    Rule(
        "a source fell silent", "Expected telemetry stopped coming.", "logs-hypercare.findings-*",
        (_is("hypercare.finding.kind", "blind_spot"), _is("hypercare.finding.state", "opened", "updated")), 15, 1,
    ),
    Rule(
        "events cannot be read", "Ten dead letters of one reason within ten minutes.", "logs-hypercare.deadletters-*",
        (), 10, 10, "error.code",
    ),
)  # fmt: skip
