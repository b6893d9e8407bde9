"""The stage as the runtime calls it: record in, outputs out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from contracts.calls import EnrichedCall, GatewayCall
from contracts.errors import Rejected
from contracts.quick import changed, quickened
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.telemetry.enrich import FALLBACKS, RULES, Knowledge, enrich
from processors.telemetry.stage import TelemetryStage

AT = "2026-06-15T09:00:00Z"
AT_MS = 1_781_514_000_000
DAY_MS = 86_400_000
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


def record(offset: int = 0, timestamp: int = AT_MS, headers: Any = (), **changes: Any) -> PlainRecord:
    body = {"id": "c", "occurred_at": AT, "request": {"path": "/a/1"}, "response": {"status": 200}} | changes
    return PlainRecord(json.dumps(body).encode(), headers=headers, offset=offset, timestamp=timestamp)


def understood(given: PlainRecord) -> EnrichedCall:
    (output,) = TelemetryStage(b"k").process(given)
    return EnrichedCall.model_validate_json(output.value or b"")


def test_nothing_personal_or_secret_leaves() -> None:
    given = record(
        request={"path": f"/reset/{JWT}", "query": "token=abc&a=1"},
        client={"ip": "203.0.113.77", "user_agent": "x/1 api_key=abcdefgh"},
        user="ana@example.com",
        session="cookie-1",
        error={"message": "password: hunter2"},
        attributes={"note": "Bearer abcdefghijkl", "n": 1, "Cookie": "crumb", "who": "ana@example.org"},
        consumer="ana@example.net",
    )
    (output,) = TelemetryStage(b"k").process(given)
    value = (output.value or b"").decode()
    for secret in (JWT, "token=abc", "203.0.113.77", "abcdefgh", "ana@", "cookie-1", "hunter2", "crumb"):
        assert secret not in value
    call = EnrichedCall.model_validate_json(value)
    assert call.request.query == "token=***&a=1"
    assert call.notes == ("secret_masked",)
    assert call.user is not None
    assert call.user.startswith("p_")


@pytest.mark.parametrize(
    ("timestamp", "headers", "kept"),
    [
        (AT_MS + 6 * DAY_MS, (), True),
        (AT_MS + 8 * DAY_MS, (), False),
        (AT_MS + 4000 * DAY_MS, [("ce_backfill", b"true")], True),
        (AT_MS - DAY_MS, (), False),
        (-1, (), True),
        (10**18, (), True),
        (AT_MS - DAY_MS, [("ce_backfill", b"true")], False),
    ],
)
def test_a_far_event_time_is_clamped_to_kafka_s_and_noted(timestamp: int, headers: Any, kept: bool) -> None:  # noqa: FBT001
    call = understood(record(timestamp=timestamp, headers=headers))
    assert (call.occurred_at.timestamp() * 1000 == AT_MS) is kept
    assert ("occurred_at_clamped" in call.notes) is not kept


def test_a_repeat_is_the_same_id_at_another_place() -> None:
    stage = TelemetryStage(b"k")
    first = record(offset=1)
    once = stage.process(first)
    assert stage.process(first) == once, "handed out again by Kafka: not delivered yet"
    with pytest.raises(Skipped, match="repeat"):
        stage.process(replace(first, offset=2))
    stage.forget_recent()
    assert stage.process(replace(first, offset=2))


def test_the_same_id_in_another_project_is_no_repeat() -> None:
    stage = TelemetryStage(b"k")
    stage.process(record(offset=1))
    assert stage.process(record(offset=2, project="other"))


def test_a_bad_record_is_refused() -> None:
    with pytest.raises(Rejected):
        TelemetryStage(b"k").process(PlainRecord(b"{"))


def test_a_broken_rule_degrades_and_leaves_nothing_unmasked() -> None:
    class Broken(dict[str, Any]):
        """Attributes that cannot be walked."""

        def items(self) -> Any:
            raise RuntimeError("boom")

    call = GatewayCall.model_validate_json(record().value or b"")
    broken = changed(quickened(call), attributes=Broken(secret="hunter2"))
    enriched = enrich(broken, Knowledge(b"k"))
    assert enriched.notes == ("degraded:mask_texts",)
    assert enriched.attributes == {}
    assert enriched.request.route == "/a/{id}", "the other rules still ran"


def test_every_rule_has_a_fallback() -> None:
    assert {rule.__name__ for rule in RULES} == set(FALLBACKS)
