"""Signals: what they show themselves, how it ends, and that nothing personal is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from contracts.agreements import Limits, Project
from contracts.errors import Rejected
from contracts.findings import Finding
from contracts.topics import FINDINGS, SIGNALS
from processors.health.stage import HealthStage
from processors.runtime import metrics
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing, Skipped
from processors.runtime.tables import State

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
AGREED = Project(project="shop", limits=Limits(capacity=0.8))


class Watch:
    """The health stage, fed with signals alone; times are seconds from nine o'clock."""

    def __init__(self) -> None:
        self.stage = HealthStage(b"key", (AGREED,))
        self.state = State(self.stage.tables)
        self._count = 0

    def say(self, at_s: float, kind: str, service: str | None = "pay", **part: Any) -> list[Finding]:
        """Feed one signal."""
        self._count += 1
        at = NINE + timedelta(seconds=at_s)
        said = {"id": f"s-{self._count}", "occurred_at": at.isoformat(), "project": "shop", "kind": kind, kind: part}
        record = _record(said if service is None else {**said, "service": service}, at)
        return _findings(self.stage.process(record, self.state))

    def tick(self, at_s: float) -> list[Finding]:
        """Let time pass."""
        return _findings(self.stage.tick(NINE + timedelta(seconds=at_s), self.state))

    def restart(self) -> None:
        """Begin anew from what is stored."""
        restored = State(self.stage.tables)
        for entry in self.state.take_changes():
            restored.restore(*entry)
        self.stage, self.state = HealthStage(b"key", (AGREED,)), restored


def _record(said: dict[str, Any], at: datetime, headers: Iterable[tuple[str, bytes]] = ()) -> PlainRecord:
    timestamp = int(at.timestamp() * 1000)
    return PlainRecord(orjson.dumps(said), topic="run7." + SIGNALS.name, headers=list(headers), timestamp=timestamp)


def _findings(outputs: Iterable[Outgoing]) -> list[Finding]:
    return [Finding.model_validate_json(out.value or b"") for out in outputs if out.topic == FINDINGS.name]


def cause(finding: Finding) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in finding.cause}


def test_a_service_that_is_down_twice_is_out_until_it_is_up() -> None:
    watch = Watch()
    assert not watch.say(0, "uptime", monitor="pay-eu", up=False), "one check alone fails for reasons of its own"
    (opened,) = watch.say(60, "uptime", monitor="pay-eu", up=False)
    assert (opened.kind, opened.state, cause(opened)) == ("outage", "opened", {"upstream": "pay"})
    assert opened.since == NINE
    assert opened.sentence.startswith("upstream pay: found down by 2 checks in a row")
    watch.restart()
    assert not watch.tick(1_200), "it is down until a check says otherwise"
    assert not watch.say(1_260, "uptime", monitor="pay-eu", up=True)
    assert not watch.tick(1_300)
    (closed,) = watch.tick(1_700)
    assert (closed.state, closed.finding) == ("closed", opened.finding)


def test_a_check_that_comes_late_changes_nothing() -> None:
    watch = Watch()
    watch.say(60, "uptime", monitor="m", up=False)
    watch.say(0, "uptime", monitor="m", up=True)
    assert watch.say(120, "uptime", monitor="m", up=False)


def test_a_resource_that_stays_above_what_was_agreed_is_told() -> None:
    watch, found = Watch(), []
    for minute, used in enumerate((0.5, 0.95, 0.6, 0.85, 0.9, 0.97, 0.97)):
        found += watch.say(60 * minute, "resources", instance="pay-1", used={"memory": used, "cpu": 0.2})
    (opened,) = found
    assert opened.kind == "capacity"
    assert cause(opened) == {"upstream": "pay", "instance": "pay-1", "resource": "memory"}
    assert opened.since == NINE + timedelta(minutes=3)
    assert (opened.evidence.used, opened.evidence.limit_used) == (0.97, 0.8)
    assert "97 % is used, for 2 min more than 80 %" in opened.sentence


def test_error_logs_that_are_more_than_ever_are_told_with_their_type() -> None:
    watch, found = Watch(), []
    for second in range(0, 7_200, 30):
        found += watch.say(second, "error_log", type="Timeout")
    assert not found
    for second in range(7_200, 7_320):
        found += watch.say(second, "error_log", type="OutOfMemory", message="heap of anna@example.com")
    assert (found[0].kind, cause(found[0])) == ("error_logs", {"upstream": "pay"})
    assert found[0].confidence == pytest.approx(0.95)
    assert "mostly OutOfMemory" in found[0].sentence
    assert b"anna" not in b"".join(value or b"" for _, value in watch.state.take_changes())


def login(watch: Watch, at_s: float, account: str, *, ok: bool, ip: str = "203.0.113.7", **more: Any) -> list[Finding]:
    return watch.say(at_s, "login", service=None, account=account, ok=ok, client={"ip": ip}, **more)


def test_guessing_at_one_account_is_told_and_that_it_worked() -> None:
    watch, found = Watch(), []
    for number in range(12):
        found += login(watch, 10 * number, "Anna@Example.com", ok=False, ip=f"198.51.{number}.9")
    (opened,) = found
    assert opened.kind == "logins"
    assert opened.evidence.detectors == ("guessing",)
    assert opened.evidence.observed == 10
    (account,) = cause(opened).values()
    assert account.startswith("p_")
    watch.restart()
    (guessed,) = login(watch, 130, "anna@example.com", ok=True)
    assert "a log-in succeeded right after 12 had failed" in guessed.sentence
    assert guessed.confidence > 0.95
    assert b"nna@" not in b"".join(value or b"" for _, value in watch.state.take_changes())


def test_one_network_at_many_accounts_is_told_an_office_is_not() -> None:
    watch, found = Watch(), []
    for number in range(60):
        found += login(watch, 5 * number, f"user{number}", ok=number % 3 > 0)
    assert not found, "they mistype as people do"
    for number in range(30):
        found += login(watch, 400 + number, f"victim{number}", ok=False, ip="192.0.2.99")
    assert cause(found[0]) == {"network": "192.0.2.0"}
    assert "accounts failed from here" in found[0].sentence


def test_a_country_and_a_journey_nobody_makes() -> None:
    watch, found = Watch(), []
    berlin, lima = {"latitude": 52.5, "longitude": 13.4}, {"latitude": -12.0, "longitude": -77.0}
    for day in range(6):
        at = 86_400 * day
        login(watch, at, "a", ok=True, ip="198.51.100.3", location=berlin, device="phone")
    watch.say(86_400 * 6, "login", service=None, account="b", ok=True)
    said = {"ip": "203.0.113.9", "geo": {"country_iso": "PE"}}
    for day in range(6):
        watch.say(86_400 * 6 + day, "login", None, account="c", ok=True, client={"geo": {"country_iso": "DE"}})
    found = watch.say(86_400 * 6 + 60, "login", None, account="c", ok=True, client=said, device="new")
    assert cause(found[0])["country"] == "PE"
    found = login(watch, 86_400 * 5 + 3_600, "a", ok=True, location=lima)
    assert found[0].evidence.detectors == ("impossible_travel",)
    assert found[0].evidence.travel_km == pytest.approx(11_120, rel=0.01)


def test_an_attack_on_a_thousand_accounts_is_not_a_thousand_findings() -> None:
    watch, opened = Watch(), 0
    for account in range(40):
        for number in range(11):
            opened += len(login(watch, account * 12 + number, f"u{account}", ok=False, ip=f"10.{account}.0.1"))
    assert 10 < opened <= 25


def test_far_more_data_than_anybody_ever_read_is_told() -> None:
    watch, found = Watch(), []
    for hour in range(30):
        for account in range(3):
            found += watch.say(3_600 * hour + account, "usage", account=f"u{account}", data="customers", rows=300)
    assert not found
    (opened,) = watch.say(3_600 * 30, "usage", account="u1", data="customers", action="read", rows=80_000)
    assert opened.kind == "data_access"
    assert cause(opened)["data"] == "customers"
    assert (opened.evidence.observed, opened.evidence.expected) == (80_000, 300)


def test_a_signal_without_its_part_is_refused_with_its_place() -> None:
    watch = Watch()
    with pytest.raises(Rejected, match="needs the field alert"):
        watch.stage.process(_record({"occurred_at": NINE.isoformat(), "kind": "alert"}, NINE), watch.state)


def test_what_a_past_signal_shows_is_skipped_for_a_reason() -> None:
    watch = Watch()
    said = {"id": "x", "occurred_at": NINE.isoformat(), "kind": "uptime", "uptime": {"monitor": "m", "up": False}}
    headers = [("ce_type", b"io.hypercare.signal.noticed.v1"), ("ce_backfill", b"true")]
    with pytest.raises(Skipped, match="signal_of_the_past"):
        watch.stage.process(_record(said, NINE, headers), watch.state)


def test_a_signal_that_is_sent_twice_counts_once_even_after_a_restart() -> None:
    watch = Watch()
    watch.say(0, "uptime", monitor="pay-eu", up=False)
    watch._count = 0
    watch.restart()
    with pytest.raises(Skipped, match="repeat"):
        watch.say(0, "uptime", monitor="pay-eu", up=False)


def test_a_late_check_changes_nothing_and_is_counted() -> None:
    watch, before = Watch(), _late("uptime")
    watch.say(0, "uptime", monitor="pay-eu", up=False)
    watch.say(60, "uptime", monitor="pay-eu", up=True)
    assert not watch.say(30, "uptime", monitor="pay-eu", up=False)
    assert not watch.say(61, "uptime", monitor="pay-eu", up=False), "only one has failed since it was up"
    assert _late("uptime") == before + 1


def _late(kind: str) -> float:
    return metrics.REGISTRY.get_sample_value("hypercare_late_signals_total", {"kind": kind}) or 0.0
