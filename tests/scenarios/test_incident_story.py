"""Incidents on real engines with the stage killed again and again: the same incidents as without, told once."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from confluent_kafka import Producer

from contracts.audit import AuditEntry
from contracts.incidents import Incident
from contracts.topics import AUDIT, INCIDENTS
from hypercare.incidents.audit_chain import verify_topic
from hypercare.topics import apply_topics
from processors.runtime import fail_points
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents, read_topic
from tests.scenarios.workers import Workers, wait_until, workers
from tests.unit.incidents.room import PAYMENTS, Room

pytestmark = pytest.mark.engines
PLACES = (fail_points.EPOCH_BEGUN, fail_points.EPOCH_WRITTEN, fail_points.EPOCH_COMMITTED)
KILLS = 4


def story(project: str) -> Room:
    """Calls that fail, findings, complaints, a release, and people who disagree; all of it in the last minutes."""
    room = Room(project=project)
    room.at = datetime.now(UTC) - timedelta(minutes=8)
    room.deploy("3.3.0")
    for number in range(60):
        room.fail(f"call-{number}", user=f"p_{number % 25}")
        room.fail(f"mail-{number}", upstream="mail", browser="Firefox", route="/mail")
    one, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    for number in range(30):
        room.say(f"said-{number}", "pay", call=f"call-{2 * number}")
        room.say(f"wrote-{number}", "mail", call=f"mail-{number}" if number % 3 else None)
    room.group("pay", 30)
    room.group("mail", 30, title="No mail comes")
    room.command("assign", one, owner="payments team", reason="theirs")
    room.command("reject", one, state_version=0, reason="seen too late")
    room.find("c", {"upstream": "payments"})
    room.command("merge", other, id="merge", into=one, reason="the same network")
    room.say("said-late", "pay", call="call-59")
    room.find("d", {"upstream": "mail", "country": "DE"})
    room.command("take_back", other, command="merge")
    room.command("start", one)
    room.find("a", PAYMENTS, state="updated")
    room.wait(30)
    return room


def test_incidents_are_the_same_although_the_stage_is_killed(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    room, random = story(project), Random(20260615)
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start("sink-incidents")
        for number, (topic, records) in enumerate(groupby(room.fed, key=itemgetter(0))):
            if number < KILLS:
                running.start("incidents", **{fail_points.VARIABLE: f"{random.choice(PLACES)}:1"})
            feed(engines, prefix + topic, project, [value for _, value in records])
            if number < KILLS:  # one topic after the other: what is read first of two is not ordered
                wait_until(lambda: _ended(running), 60, lambda: running.log_of("incidents"))
                running.start("incidents")
            running.wait_drained("incidents")
            if number < KILLS - 1:
                running.end("incidents", signal.SIGKILL)
        wait_until(
            lambda: _seen(last(engines, prefix)) == _seen(room.incidents),
            60,
            lambda: _difference(engines, prefix, room),
        )
        running.end("incidents", signal.SIGKILL)
        running.start("incidents")
        running.wait_drained("incidents", "sink-incidents")
        told = last(engines, prefix)
        wait_until(lambda: _indexed(engines, project) == {name: one.revision for name, one in told.items()}, 30)
    assert _seen(told) == _seen(room.incidents)
    answers = [entry for entry in _audit(engines, prefix) if entry.command]
    assert {entry.command: (entry.accepted, entry.refusal) for entry in answers} == {
        entry.command: (entry.accepted, entry.refusal) for entry in room.audit if entry.command
    }
    assert len(answers) == len({entry.command for entry in answers}), "each command is answered once"
    verified = verify_topic(engines.endpoints.kafka, prefix=prefix)
    assert (verified.breaks, verified.incidents) == ([], len(room.incidents))


def feed(engines: RunningEngines, topic: str, project: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "partitioner": "murmur2_random"})
    for value in values:
        producer.produce(topic, value, key=f"default/{project}")
    assert producer.flush(30) == 0


def last(engines: RunningEngines, prefix: str) -> dict[str, Incident]:
    """What was told last of each incident; every revision is there exactly once, however often the stage was killed."""
    found: dict[str, Incident] = {}
    for record in read_topic(engines.endpoints, prefix + INCIDENTS.name):
        incident = Incident.model_validate_json(record.value())
        before = found.get(incident.incident)
        assert incident.revision == (before.revision + 1 if before else 1)
        found[incident.incident] = incident
    return found


def _seen(incidents: dict[str, Incident]) -> dict[str, Any]:
    """What does not depend on the moment at which it was told."""
    return {
        name: (
            one.state, one.state_version, one.owner, one.merged_into, one.cause, one.reports, one.users,
            sorted(one.feedback), sorted((item.id, item.role, item.count) for item in one.evidence),
        )
        for name, one in sorted(incidents.items())
    }  # fmt: skip


def _ended(running: Workers) -> bool:
    return running.processes["incidents"].poll() is not None


def _difference(engines: RunningEngines, prefix: str, room: Room) -> str:
    found, wanted = _seen(last(engines, prefix)), _seen(room.incidents)
    return "\n".join(f"{name}\n  {found.get(name)}\n  {wanted.get(name)}" for name in wanted | found)


def _indexed(engines: RunningEngines, project: str) -> dict[str, int]:
    hits = documents(engines.endpoints, f"hypercare-incidents-default.{project}")
    return {hit["_id"]: hit["_source"]["hypercare"]["incident"]["revision"] for hit in hits}


def _audit(engines: RunningEngines, prefix: str) -> list[AuditEntry]:
    return [
        AuditEntry.model_validate_json(record.value()) for record in read_topic(engines.endpoints, prefix + AUDIT.name)
    ]
