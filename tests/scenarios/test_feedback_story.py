"""From calls and complaints to problems on real engines, with the feedback stage killed in the middle."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from contracts.audit import AuditEntry
from contracts.commands import Command
from contracts.topics import AUDIT, FEEDBACK, FEEDBACK_SCORED, GATEWAY, GROUPS
from hypercare.commanding import give
from hypercare.topics import apply_topics
from processors.runtime import fail_points
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents, produce, read_topic
from tests.scenarios.workers import wait_until, workers

pytestmark = pytest.mark.engines
COMPLAINTS = 60
STAGES = ("telemetry", "feedback", "sink-feedback")
SAID = (
    "The payment never goes through, the pay button spins",
    "Paying does not work: the button spins and then nothing",
    "I cannot pay, the payment spins for ever",
)
OTHER = ("Where can I download the invoice of my order?", "Please add a wish list to the shop", "I love the new look")


def calls(began: datetime, project: str) -> Iterator[bytes]:
    """Every third call fails, and each of those stands behind a complaint."""
    for number in range(3 * COMPLAINTS):
        failed = number % 3 == 0
        yield json.dumps(
            {
                "id": f"call-{number}",
                "occurred_at": (began + timedelta(seconds=number / 10)).isoformat(),
                "project": project,
                "request": {"method": "POST", "route": "/api/payments" if failed else "/api/orders"},
                "response": {"status": 502 if failed else 200},
                "upstream": {"service": "payments", "statuses": [502 if failed else 200]},
                "trace": {"trace_id": f"{number:032x}"},
            }
        ).encode()


def complaints(began: datetime, project: str, numbers: range) -> Iterator[bytes]:
    for number in numbers:
        about_payment = number % 2 == 0
        said: dict[str, Any] = {
            "id": f"f-{number}",
            "occurred_at": (began + timedelta(seconds=30 + number / 10)).isoformat(),
            "project": project,
            "channel": "in_app",
            "text": f"{(SAID if about_payment else OTHER)[number % 3]} (ticket {number})",
            "reporter": {"pseudonym": f"person-{number % 23}"},
        }
        if about_payment:
            said["trace"] = {"trace_id": f"{3 * number:032x}"}
        yield json.dumps(said).encode()


def feed(engines: RunningEngines, topic: str, project: str, values: Iterator[bytes]) -> None:
    producer = Producer({"bootstrap.servers": engines.endpoints.kafka, "partitioner": "murmur2_random"})
    for value in values:
        producer.produce(topic, value, key=f"default/{project}")
        producer.poll(0)
    assert producer.flush(60) == 0


def told(engines: RunningEngines, topic: str) -> list[dict[str, Any]]:
    return [json.loads(record.value()) for record in read_topic(engines.endpoints, topic)]


def last(engines: RunningEngines, prefix: str) -> dict[str, dict[str, Any]]:
    """What was said last of each piece; every revision is there exactly once, however often a stage was killed."""
    revisions: dict[str, list[int]] = {}
    latest: dict[str, dict[str, Any]] = {}
    for event in told(engines, prefix + FEEDBACK_SCORED.name):
        revisions.setdefault(event["id"], []).append(event["revision"])
        latest[event["id"]] = event
    assert all(some == list(range(len(some))) for some in revisions.values()), revisions
    return latest


def test_complaints_find_their_calls_and_each_other_although_the_stage_is_killed(
    engines: RunningEngines, prefix: str, project: str, tmp_path: Path
) -> None:
    apply_topics(engines.endpoints.kafka, prefix=prefix, partitions=4)
    began = datetime.now(UTC) - timedelta(minutes=2)
    with workers(engines.endpoints, tmp_path, prefix, {"HYPERCARE_SESSION_TIMEOUT_S": "6"}) as running:
        running.start("telemetry", "sink-feedback")
        running.start("feedback", **{fail_points.VARIABLE: f"{fail_points.EPOCH_WRITTEN}:2"})
        feed(engines, prefix + FEEDBACK.name, project, complaints(began, project, range(COMPLAINTS // 2)))
        produce(engines.endpoints, prefix + GATEWAY.name, calls(began, project))
        wait_until(lambda: running.processes["feedback"].poll() is not None, 60, lambda: running.log_of("feedback"))
        running.start("feedback")
        feed(engines, prefix + FEEDBACK.name, project, complaints(began, project, range(COMPLAINTS // 2, COMPLAINTS)))
        wait_until(lambda: len(last(engines, prefix)) > COMPLAINTS // 2, 60, lambda: running.log_of("feedback"))
        running.end("feedback", signal.SIGKILL)
        running.start("feedback")
        wait_until(lambda: _all_linked(last(engines, prefix)), 60, lambda: str(last(engines, prefix))[:4_000])
        said = last(engines, prefix)
        payment = {said[f"f-{number}"]["group"]["group"] for number in range(0, COMPLAINTS, 2)}
        invoices = said["f-3"]["group"]["group"]
        answer = _merge(engines, prefix, project, invoices, min(payment))
        assert answer.accepted, answer.refusal
        wait_until(lambda: last(engines, prefix)["f-3"]["group"]["group"] == answer.after["group"], 30)
        running.wait_drained(*STAGES)
        _check_documents(engines, prefix, project)
    assert len(payment) == 1, "one problem, one group"
    assert len([one for one in told(engines, prefix + AUDIT.name) if one["command"] == "cmd-1"]) == 1


def _all_linked(said: dict[str, dict[str, Any]]) -> bool:
    return len(said) == COMPLAINTS and all(
        said[f"f-{number}"]["links"][:1] and said[f"f-{number}"]["links"][0]["call"] == f"call-{3 * number}"
        for number in range(0, COMPLAINTS, 2)
        if 3 * number < 3 * COMPLAINTS
    )


def _merge(engines: RunningEngines, prefix: str, project: str, group: str, into: str) -> AuditEntry:
    command = Command.model_validate(
        {
            "id": "cmd-1",
            "occurred_at": datetime.now(UTC),
            "project": project,
            "action": "merge_groups",
            "actor": "triage",
            "group": group,
            "into": into,
        }
    )
    return give(engines.endpoints.kafka, command, prefix=prefix)


def _check_documents(engines: RunningEngines, prefix: str, project: str) -> None:
    """Elasticsearch has each piece once, as it was told last, and each group."""
    said = last(engines, prefix)

    def written() -> bool:
        found = {
            hit["_id"]: hit["_source"] for hit in documents(engines.endpoints, f"hypercare-feedback-default.{project}")
        }
        return {name: one["hypercare"]["revision"] for name, one in found.items()} == {
            name: event["revision"] for name, event in said.items()
        }

    wait_until(written, 30)
    groups = {hit["_id"]: hit["_source"] for hit in documents(engines.endpoints, f"hypercare-groups-default.{project}")}
    last_told = {event["group"]: event for event in told(engines, prefix + GROUPS.name)}
    assert {name: one["hypercare"]["group"]["reports"] for name, one in groups.items()} == {
        name: event["reports"] for name, event in last_told.items()
    }
    counted = sum(event["reports"] for event in last_told.values() if not event.get("merged_into"))
    assert counted == COMPLAINTS, "every report is in exactly one group"
