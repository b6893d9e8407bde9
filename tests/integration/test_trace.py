"""One event followed through real topics, stages and Elasticsearch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from contracts.topics import GATEWAY
from hypercare.topics import apply_topics
from hypercare.trace import gather
from hypercare.trace_story import Story, tell
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.incident_documents import incident_documents
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import produce
from tests.scenarios.workers import workers
from tests.unit.incidents_made import checkout

pytestmark = pytest.mark.engines


def call(name: str, project: str, at: str) -> bytes:
    body = {"id": name, "project": project, "occurred_at": at, "request": {"path": "/a"}, "response": {"status": 200}}
    return json.dumps(body).encode()


def test_an_event_is_followed_hop_by_hop(engines: RunningEngines, prefix: str, project: str, tmp_path: Path) -> None:
    kafka, client = engines.endpoints.kafka, Access(engines.endpoints.elasticsearch).client()
    since_ms = int((time.time() - 600) * 1000)
    good, bad, now = f"{project}-good", f"{project}-bad", datetime.now(UTC).isoformat()

    def trace(name: str) -> Story:
        return tell(gather(kafka, client, name, since_ms=since_ms, prefix=prefix)[0])

    apply_topics(kafka, prefix=prefix, partitions=1)
    values = [call(good, project, now), call(good, project, now), call(bad, project, "yesterday")]
    produce(engines.endpoints, prefix + GATEWAY.name, iter(values))
    try:
        waiting = trace(good)
        assert [hop.decision for hop in waiting.hops] == ["waits for telemetry"] * 2
        assert waiting.missing == ["not yet processed: telemetry is 3 behind"]
        with workers(engines.endpoints, tmp_path, prefix) as running:
            running.start("telemetry")
            running.wait_drained("telemetry")
            assert trace(good).missing == ["not yet indexed: sink-calls is 1 behind"]
            running.start("sink-calls")
            running.wait_drained("sink-calls")
        done = trace(good)
        assert done.missing == []
        assert [hop.decision for hop in done.hops] == [
            "enriched by telemetry",
            "dropped by telemetry as a repeat",
            "indexed by sink-calls",
            f"indexed, _id {good}",
        ]
        dead = trace(bad)
        assert [hop.kind for hop in dead.hops] == ["raw", "dead letter"]
        assert "dead-lettered by telemetry: invalid_time" in dead.hops[0].decision
    finally:
        client.close()

    environ = {
        **os.environ,
        "HYPERCARE_HOME": str(tmp_path),
        "HYPERCARE_ENGINES": "yours",
        "HYPERCARE_KAFKA": kafka,
        "HYPERCARE_ELASTICSEARCH": engines.endpoints.elasticsearch,
        "HYPERCARE_TOPIC_PREFIX": prefix,
    }
    command = [sys.executable, "-m", "hypercare", "trace", "no-such-event"]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "Nothing found of no-such-event" in ran.stdout
    assert prefix + GATEWAY.name in ran.stdout


def test_a_complaint_is_followed_into_its_incident(engines: RunningEngines, prefix: str, project: str) -> None:
    client = Access(engines.endpoints.elasticsearch).client()
    said = f"{project}-said"
    here = checkout(project=project, incident=f"inc-{project}", feedback=(said,))
    elsewhere = checkout(project=project, incident=f"inc-{project}-other", feedback=(f"{said}-too",))
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=1)
    try:
        for document in (*incident_documents(here), *incident_documents(elsewhere)):
            client.index(index=document.stream, id=document.key, document=orjson.loads(document.body))
        story = tell(gather(engines.endpoints.kafka, client, said, since_ms=0, prefix=prefix)[0])
    finally:
        client.close()
    assert [(hop.kind, hop.place) for hop in story.hops] == [("incident", here.incident)]
    assert "one of its complaints" in story.hops[0].decision
    assert story.next == [f"hypercare incidents show {here.incident}"]
