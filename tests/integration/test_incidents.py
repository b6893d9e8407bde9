"""Incidents on real engines: from the topic to the command line, to a late subscriber, and to Elasticsearch."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from contracts.incidents import Incident
from contracts.topics import INCIDENTS
from hypercare.documented import ROOT
from hypercare.incidents.told import read_at, read_now
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents
from tests.scenarios.workers import wait_until, workers
from tests.unit.incidents_made import at, checkout, merged, weakness

pytestmark = pytest.mark.engines
REVISIONS = 40


def revisions(project: str) -> Iterator[Incident]:
    """A checkout that is told again each minute, and one that is over soon."""
    for number in range(REVISIONS):
        yield checkout(project=project, revision=number, occurred_at=at(number), users=100 + number)
        if number < 3:
            yield merged(project=project, revision=number, occurred_at=at(number))
    yield weakness(project=project, occurred_at=at(REVISIONS))


def tell(engines: RunningEngines, topic: str, incidents: Iterator[Incident], *, aborted: bool = False) -> None:
    """As the stage writes: in a transaction, all of a project on one partition."""
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "transactional.id": f"{topic}-{aborted}"})
    producer.init_transactions(30)
    producer.begin_transaction()
    for incident in incidents:
        producer.produce(topic, incident.encode(), key=incident.incident.encode(), partition=1)
    if aborted:
        assert producer.flush(30) == 0
        producer.abort_transaction(30)
    else:
        producer.commit_transaction(30)


def test_what_was_told_is_read_back_now_and_at_any_moment_and_indexed(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    kafka, topic = engines.endpoints.kafka, prefix + INCIDENTS.name
    apply_topics(kafka, prefix=prefix, partitions=2)
    tell(engines, topic, revisions(project))
    tell(engines, topic, iter([checkout(project=project, revision=99, state="closed")]), aborted=True)

    now = read_now(kafka, prefix=prefix)
    assert {one.incident: one.revision for one in now.incidents} == {
        "inc-7c41aa": REVISIONS - 1, "inc-7c9000": 2, "inc-3e8f10": 3,
    }  # fmt: skip
    past = read_at(kafka, at(17.5), prefix=prefix)
    assert {one.incident: one.users for one in past.incidents if one.incident == "inc-7c41aa"} == {"inc-7c41aa": 117}
    assert read_at(kafka, at(-1), prefix=prefix).incidents == ()

    with workers(engines.endpoints, tmp_path, prefix) as running:
        running.start("sink-incidents")
        index = f"hypercare-incidents-default.{project}"
        wait_until(lambda: len(in_index(engines, index)) == 3, 90, lambda: running.log_of("sink-incidents")[-3_000:])
        running.wait_drained("sink-incidents")
    assert in_index(engines, index)["inc-7c41aa"] == REVISIONS - 1
    assert in_index(engines, f"hypercare-incidents.restricted-default.{project}") == {"inc-3e8f10": 3}


def in_index(engines: RunningEngines, index: str) -> dict[str, int]:
    return {
        hit["_id"]: hit["_source"]["hypercare"]["incident"]["revision"]
        for hit in documents(engines.endpoints, f"{index}*")
    }


def test_a_subscriber_that_starts_late_sees_what_is_open(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    topic, out, script = prefix + INCIDENTS.name, tmp_path / "out", tmp_path / "subscribe.py"
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=2)
    tell(engines, topic, revisions(project))
    script.write_text((ROOT / "docs" / "examples" / "subscribe.py").read_text().replace(INCIDENTS.name, topic))
    with out.open("w") as lines:
        process = subprocess.Popen([sys.executable, str(script), engines.endpoints.kafka], stdout=lines)
        try:
            wait_until(lambda: "inc-3e8f10" in out.read_text(), 60, out.read_text)
        finally:
            process.kill()
            process.wait(30)
    last = out.read_text().splitlines()[-2:]
    assert [line.split()[2] for line in last] == ["inc-7c41aa", "inc-3e8f10"], "and the merged one is not open"
