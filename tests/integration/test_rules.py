"""Alert rules: each fires on a window in which what it is about happens, and not on a quiet one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from processors.runtime.records import PlainRecord
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.stages import writer_for
from sinks.kibana.rules import RULES, Rule
from tests.conftest import RunningEngines

pytestmark = pytest.mark.engines

NOW = datetime(2026, 6, 15, 9, 0, tzinfo=UTC)
QUIET = NOW - timedelta(days=1)


def incident(**said: Any) -> dict[str, Any]:
    return {"hypercare": {"incident": {"id": "inc-1", "open": True, "severity": "S2", **said}}}


FIRING: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "an S1 incident is open": ("hypercare-incidents", [incident(severity="S1")]),
    "a time target was missed": (
        "hypercare-incidents",
        [incident(targets={"acknowledge": {"state": "late"}, "fix": {"state": "waiting"}})],
    ),
    "calls of a route fail": (
        "logs-hypercare.calls",
        [{"http": {"route": "/pay"}, "hypercare": {"failed": 1}} for _ in range(20)],
    ),
    "a problem is reported again and again": (
        "hypercare-groups", [{"hypercare": {"group": {"id": "g-1", "last_hour": 10}}}],
    ),
    "somebody reports a weakness": ("hypercare-feedback", [{"hypercare": {"restricted": True}}]),
    "a source fell silent": (
        "logs-hypercare.findings", [{"hypercare": {"finding": {"kind": "blind_spot", "state": "opened"}}}],
    ),
    "events cannot be read": ("logs-hypercare.deadletters", [{"error": {"code": "not_json"}} for _ in range(10)]),
}  # fmt: skip
NEARLY: dict[str, list[dict[str, Any]]] = {
    "an S1 incident is open": [incident(), incident(severity="S1", open=False)],
    "a time target was missed": [incident(targets={"fix": {"state": "soon"}}), incident(open=False)],
    "calls of a route fail": [
        *({"http": {"route": f"/{n % 2}"}, "hypercare": {"failed": 1}} for n in range(30)),
        *({"http": {"route": "/pay"}, "hypercare": {"failed": 0}} for _ in range(100)),
    ],
    "a problem is reported again and again": [{"hypercare": {"group": {"id": "g-1", "last_hour": 9}}}],
    "somebody reports a weakness": [{"hypercare": {"restricted": False}}],
    "a source fell silent": [{"hypercare": {"finding": {"kind": "blind_spot", "state": "closed"}}}],
    "events cannot be read": [{"error": {"code": f"reason-{n % 4}"}} for n in range(30)],
}


@pytest.fixture(scope="module")
def project() -> str:
    return f"ruled{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def client(engines: RunningEngines, project: str) -> Iterator[Any]:
    access = Access(engines.endpoints.elasticsearch)
    made = []
    for rule in RULES:
        stream, firing = FIRING[rule.name]
        for moment, bodies in ((NOW, firing), (QUIET, NEARLY[rule.name])):
            for number, body in enumerate(bodies):
                at = moment - timedelta(seconds=number)
                said = {**body.get("hypercare", {}), "tenant": "default", "project": project, "origin": rule.id}
                whole = {**body, "@timestamp": at.isoformat(), "hypercare": said}
                version = None if stream.startswith("logs") else 1
                made.append(
                    Document(f"{stream}-default.{project}", f"{rule.id}{moment}{number}", orjson.dumps(whole), version)
                )

    async def work() -> None:
        writer = writer_for("sink-all", access)
        await writer.start()
        try:
            assert await (await writer.submit([(PlainRecord(b""), one) for one in made])) == []
        finally:
            await writer.stop()

    asyncio.run(work())
    found = access.client()
    found.indices.refresh(index=f"*hypercare*.{project}")
    yield found
    found.close()


def fired(client: Any, rule: Rule, until: datetime, project: str) -> list[str]:
    also = {"term": {"hypercare.origin": rule.id}}
    return rule.met(client.search(index=f"{rule.index}.{project}", **rule.search(until, also)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_fires_when_it_should_and_not_when_it_nearly_should(client: Any, project: str, rule: Rule) -> None:
    assert len(fired(client, rule, NOW, project)) == 1
    assert fired(client, rule, QUIET, project) == []
    assert fired(client, rule, NOW + timedelta(minutes=rule.minutes + 1), project) == [], "the window is over"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_field_of_a_rule_can_be_used_so(client: Any, project: str, rule: Rule) -> None:
    if rule.by:
        known = client.field_caps(index=f"{rule.index}.{project}", fields=[rule.by])["fields"]
        assert known[rule.by]["keyword"]["aggregatable"]
