"""The incidents stage with its state, a clock, and what was told last of everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.agreements import Project
from contracts.audit import AuditEntry
from contracts.incidents import Incident
from contracts.topics import AUDIT, COMMANDS, FEEDBACK_SCORED, FINDINGS, GROUPS, SIGNALS, SYMPTOMS
from processors.incidents.chain import broken
from processors.incidents.stage import IncidentsStage
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing
from processors.runtime.tables import State

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
PAYMENTS = {"upstream": "payments", "browser": "Mobile Safari"}


class Room:
    """A stage with its state, a clock, and what was told last of everything."""

    def __init__(self, *projects: Project, project: str = "shop") -> None:
        self._projects, self._project = projects, project
        self.stage, self.at = IncidentsStage(b"k", projects), NINE
        self.state = State(self.stage.tables)
        self.incidents: dict[str, Incident] = {}
        self.audit: list[AuditEntry] = []
        self.told: list[Incident] = []
        self.fed: list[tuple[str, bytes]] = []
        """Every record that was taken, with its topic, to be fed to a real stage."""
        self._numbers = 0
        self._stored: dict[bytes, bytes | None] = {}

    def take(self, topic: str, **body: Any) -> list[Any]:
        """Feed one record, a second after the one before."""
        self.at += timedelta(seconds=1)
        said = {"occurred_at": self.at.isoformat(), "project": self._project} | body
        record = PlainRecord(json.dumps(said).encode(), topic=topic, timestamp=int(self.at.timestamp() * 1000))
        self.fed.append((topic, record.value or b""))
        return self._see(self.stage.process(record, self.state))

    def find(
        self, name: str, cause: dict[str, str], *, state: str = "opened", kind: str = "errors", **body: Any
    ) -> Incident:
        """A finding as the health stage tells it; return the incident that has it."""
        self._numbers += 1
        evidence = {
            "since": self.at.isoformat(), "until": self.at.isoformat(), "calls": 100, "observed": 60, "expected": 0.5,
        } | body.pop("evidence", {})  # fmt: skip
        said = {
            "id": f"{name}-{self._numbers}",
            "finding": name,
            "revision": self._numbers,
            "state": state,
            "kind": kind,
            "cause": [{"attribute": attribute, "value": value} for attribute, value in cause.items()],
            "since": self.at.isoformat(),
            "confidence": 0.99,
            "blame": "third_party",
            "sentence": f"{cause}: calls fail",
            "evidence": evidence,
        }
        if state == "closed":
            said["closed_at"] = (self.at + timedelta(seconds=1)).isoformat()
        self.take(FINDINGS.name, **(said | body))
        return self.having(f"finding:{name}")

    def fail(self, name: str, **body: Any) -> None:
        """A call that failed, as telemetry tells it."""
        said = {
            "id": f"s-{name}", "call": name, "method": "POST", "route": "/api/payments", "upstream": "payments",
            "status": 502, "outcome": "upstream_error", "blame": "third_party", "browser": "Mobile Safari",
            "user": f"p_{name}", "trace_id": f"t-{name}",
        }  # fmt: skip
        self.take(SYMPTOMS.name, **(said | body))

    def say(self, name: str, group: str = "g", *, call: str | None = None, **body: Any) -> None:
        """A piece of feedback as the feedback stage tells it."""
        link = {
            "call": call, "occurred_at": self.at.isoformat(), "by": "trace", "points": 5, "probability": 0.99,
            "lag_s": 60, "route": "/api/payments", "upstream": "payments", "outcome": "upstream_error",
        }  # fmt: skip
        said = {
            "id": name,
            "text": f"I cannot pay ({name})",
            "channel": "in_app",
            "reporter": {"pseudonym": f"p_{name}"},
            "category": {"name": "functional_bug", "probability": 0.9},
            "security": {"probability": 0.01},
            "severity": {"value": 0.7, "from_text": 0.7},
            "group": {"group": group, "decision": "new", "reason": "first of its kind", "title": "I cannot pay"},
            "links": [link] if call else [],
        }
        self.take(FEEDBACK_SCORED.name, **(said | body))

    def group(self, name: str, reports: int, **body: Any) -> None:
        """A group of feedback as the feedback stage tells it."""
        self._numbers += 1
        said = {
            "id": f"{name}-{self._numbers}", "group": name, "revision": self._numbers, "title": "I cannot pay",
            "category": "functional_bug", "reports": reports, "reporters": reports, "last_hour": reports,
            "first_at": self.at.isoformat(), "last_at": self.at.isoformat(), "representatives": [],
        }  # fmt: skip
        self.take(GROUPS.name, **(said | body))

    def deploy(self, release: str, service: str = "payments", **body: Any) -> None:
        """A release that went live."""
        self._numbers += 1
        said = {
            "id": f"d-{self._numbers}",
            "kind": "deployment",
            "service": service,
            "deployment": {"release": release},
        }
        self.take(SIGNALS.name, **(said | body))

    def command(self, action: str, incident: str | None = None, **body: Any) -> AuditEntry:
        """A command that has seen the incident as it is now; return its answer."""
        self._numbers += 1
        said: dict[str, Any] = {"id": f"c-{self._numbers}", "action": action, "actor": "ops"}
        if incident is not None:
            version = self.incidents[incident].state_version if incident in self.incidents else 0
            said |= {"incident": incident, "state_version": version}
        said |= body
        self.take(COMMANDS.name, **said)
        return next(entry for entry in reversed(self.audit) if entry.command == said["id"])

    def wait(self, seconds: float, step: float = 60.0) -> None:
        """Let time pass."""
        until = self.at + timedelta(seconds=seconds)
        while self.at < until:
            self.at = min(until, self.at + timedelta(seconds=step))
            self._see(self.stage.tick(self.at, self.state))

    def restart(self) -> None:
        """Begin anew from what is stored."""
        self.stage = IncidentsStage(b"k", self._projects)
        self._stored |= dict(self.state.take_changes())
        restored = State(self.stage.tables)
        for key, value in self._stored.items():
            restored.restore(key, value)
        self.state = restored

    def having(self, evidence: str) -> Incident:
        """The incident that is not merged and has a piece of evidence."""
        found = [
            one
            for one in self.incidents.values()
            if one.merged_into is None and any(item.id == evidence for item in one.evidence)
        ]
        assert len(found) == 1, (evidence, [one.incident for one in found])
        return found[0]

    def now(self, incident: str) -> Incident:
        """An incident as it was told last."""
        return self.incidents[incident]

    def check_chains(self) -> None:
        """Every incident's audit is whole."""
        for name in {entry.incident for entry in self.audit} - {None}:
            assert not list(broken(entry for entry in self.audit if entry.incident == name)), name

    def _see(self, outputs: Iterable[Outgoing]) -> list[Any]:
        told: list[Any] = []
        for output in outputs:
            if output.topic == AUDIT.name:
                entry = AuditEntry.model_validate_json(output.value or b"")
                self.audit.append(entry)
                told.append(entry)
                continue
            incident = Incident.model_validate_json(output.value or b"")
            known = self.incidents.get(incident.incident)
            assert incident.revision == (known.revision + 1 if known else 1), "revisions grow by one"
            assert known is None or incident.state_version >= known.state_version
            self.incidents[incident.incident] = incident
            self.told.append(incident)
            told.append(incident)
        return told
