"""Signals as documents, and what the sink does with what is personal in them or cannot be read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.cloudevents import headers_for
from contracts.signals import Signal
from contracts.topics import SIGNALS
from processors.health.signals.stored import read_signal
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.signal_documents import signal_documents
from sinks.elasticsearch.stages import health_sink

AT = "2026-06-15T09:00:00Z"
KAFKA_MS = 1_781_514_000_000


def signal(kind: str, **said: Any) -> dict[str, Any]:
    return {"id": "s-1", "occurred_at": AT, "project": "shop", "kind": kind, **said}


def made(body: dict[str, Any] | bytes, at_ms: int = KAFKA_MS) -> list[Document]:
    """What the sink writes of a raw signal."""
    value = body if isinstance(body, bytes) else orjson.dumps(body)
    sink = health_sink(lambda record: read_signal(record, b"key").signal)
    return list(sink.process(PlainRecord(value, topic=SIGNALS.name, timestamp=at_ms)))


def bodies(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [orjson.loads(document.body) for document in made(body)]


def test_each_resource_of_a_report_is_a_document_of_its_own() -> None:
    used = {"cpu": 0.4, "disk": 0.9, "network": 0.1}
    found = made(signal("resources", service="db", resources={"instance": "db-1", "used": used}))
    assert [one.id for one in found] == ["s-1/cpu", "s-1/disk", "s-1/network"]
    assert {one.stream for one in found} == {"logs-hypercare.signals-default.shop"}
    said = [orjson.loads(one.body) for one in found]
    assert {one["hypercare"]["signal"]["resource"]: one["hypercare"]["signal"]["used"] for one in said} == used
    assert {one["hypercare"]["signal"]["instance"] for one in said} == {"db-1"}
    assert {(one["event"]["id"], one["service"]["name"]) for one in said} == {("s-1", "db")}


@pytest.mark.parametrize(("up", "number"), [(True, 1), (False, 0)])
def test_a_check_can_be_averaged(up: bool, number: int) -> None:  # noqa: FBT001 - a case of the test
    (body,) = bodies(signal("uptime", uptime={"monitor": "shop", "up": up}))
    assert body["hypercare"]["signal"]["up"] == number
    assert ("down" in body["message"]) is not up


def test_a_deployment_names_its_release_beside_its_service() -> None:
    (body,) = bodies(signal("deployment", service="pay", deployment={"release": "2.4.1", "state": "rolled_back"}))
    assert body["service"] == {"name": "pay", "version": "2.4.1", "environment": "production"}
    assert body["message"] == "pay 2.4.1: deployment rolled back"


def test_nothing_of_a_log_in_tells_who_it_was_or_where() -> None:
    login = {
        "account": "ana@example.com",
        "ok": False,
        "client": {"ip": "203.0.113.77", "geo": {"country_iso": "DE", "city": "Kassel"}, "user_agent": "Ana's phone"},
        "location": {"latitude": 51.31, "longitude": 9.49},
        "device": "ana-phone-1",
    }
    (document,) = made(signal("login", login=login, attributes={"mail": "ana@example.com"}))
    for secret in (b"ana", b"Ana", b"203.0.113.77", b"51.31", b"Kassel"):
        assert secret not in document.body
    body = orjson.loads(document.body)
    assert body["user"]["hash"].startswith("p_")
    assert body["client"] == {"ip": "203.0.113.0", "geo": {"country_iso_code": "DE"}}
    assert body["event"]["outcome"] == "failure"


def test_who_used_data_is_the_same_person_as_who_logged_in() -> None:
    (login,) = bodies(signal("login", login={"account": "ana", "ok": True}))
    (usage,) = bodies(signal("usage", usage={"account": "ana", "data": "orders", "rows": 7, "action": "export"}))
    assert login["user"]["hash"] == usage["user"]["hash"] != "ana"
    assert usage["hypercare"]["signal"] == {"kind": "usage", "data": "orders", "rows": 7, "bytes": 0}


def test_words_of_alerts_and_logs_are_masked() -> None:
    said = "mail ana@example.com about it"
    (alert,) = made(signal("alert", alert={"name": "Burning", "summary": said}))
    (log,) = made(signal("error_log", error_log={"type": "Oops", "message": said, "count": 3}))
    assert b"ana@example.com" not in alert.body + log.body
    assert orjson.loads(log.body)["error"]["code"] == "Oops"


def test_the_same_signal_again_is_the_same_document() -> None:
    body = signal("uptime", uptime={"monitor": "shop", "up": True})
    assert made(body) == made(body)


def test_a_time_that_cannot_be_is_that_of_kafka() -> None:
    body = signal("uptime", uptime={"monitor": "shop", "up": True}) | {"occurred_at": "2031-01-01T00:00:00Z"}
    (document,) = made(body)
    assert orjson.loads(document.body)["@timestamp"] == AT


@pytest.mark.parametrize("value", [b"", b"{", b"null", b"[]", orjson.dumps(signal("login")), b"x" * 1_000_000])
def test_what_cannot_be_read_is_left_to_the_health_stage_and_counted(value: bytes) -> None:
    with pytest.raises(Skipped, match="judged_by_health"):
        made(value)


def test_odd_letters_and_long_names_stay_whole() -> None:
    name = "\u202e\u05de\u05d5\u05e0 é 監 😀\u200b" + "x" * 200
    (body,) = bodies(signal("uptime", uptime={"monitor": name, "up": False}))
    assert body["hypercare"]["signal"]["monitor"] == name


def test_a_signal_of_our_own_contract_with_headers_is_read_too() -> None:
    event = Signal.model_validate_json(orjson.dumps(signal("alert", alert={"name": "Burning"})))
    headers: Any = headers_for(event, "urn:test")
    record = PlainRecord(event.encode(), topic=SIGNALS.name, timestamp=KAFKA_MS, headers=headers)
    assert signal_documents(read_signal(record, b"key").signal)[0].id == "s-1"
