"""What is one incident, what are two, and what stands beside it."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.incidents import Incident
from tests.unit.incidents.room import PAYMENTS, Room


def causes(incident: Incident) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in incident.cause}


def evidence(incident: Incident) -> set[str]:
    return {item.id for item in incident.evidence}


def test_equal_and_narrower_evidence_joins_and_says_why() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    assert (first.state, first.revision, first.rank) == ("new", 1, 1)
    assert room.find("b", PAYMENTS, kind="latency").incident == first.incident
    joined = room.find("c", {**PAYMENTS, "country": "DE"})
    assert joined.incident == first.incident
    assert causes(joined) == PAYMENTS
    reasons = {item.id: item.reason for item in joined.evidence}
    assert reasons["finding:b"] == "concerns the same calls: browser Mobile Safari + upstream payments"
    assert reasons["finding:c"].startswith("concerns some of the same calls")


def test_broader_evidence_widens_while_it_is_recent() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    wider = room.find("b", {"upstream": "payments"})
    assert wider.incident == first.incident
    assert causes(wider) == {"upstream": "payments"}
    assert "widened" in [entry.action for entry in room.audit if entry.incident == first.incident]


def test_broader_evidence_long_after_is_another_incident() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    room.find("a", PAYMENTS, state="closed")
    room.wait(3 * 3_600)
    later = room.find("b", {"upstream": "payments"})
    assert later.incident != first.incident


def test_what_overlaps_stays_apart_and_is_related() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    other = room.find("b", {"upstream": "payments", "country": "DE"})
    assert other.incident != first.incident
    assert other.related == (first.incident,)
    room.wait(20)
    assert room.now(first.incident).related == (other.incident,)
    apart = room.find("c", {"upstream": "payments", "browser": "Firefox"})
    assert apart.related == (other.incident,)


def test_another_nature_is_another_incident() -> None:
    room = Room()
    first = room.find("a", {"upstream": "assistant"})
    assert room.find("b", {"upstream": "assistant"}, kind="ai_cost").incident != first.incident


def test_what_a_fault_adds_up_to_belongs_to_it_and_does_not_widen_it() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    summed = room.find("b", {}, kind="burn_rate", evidence={"burn_long": 9, "burn_short": 12})
    assert summed.incident == first.incident
    assert causes(summed) == PAYMENTS
    (item,) = (item for item in summed.evidence if item.id == "finding:b")
    assert item.role == "symptom"


def test_services_that_wait_are_symptoms_whichever_came_first() -> None:
    room = Room()
    early = room.find("waits", {"upstream": "orders"}, kind="latency")
    cause = room.find(
        "slow",
        {"upstream": "db"},
        kind="latency",
        evidence={"victims": ["orders", "stock"], "p95_ms": 900, "usual_p95_ms": 90},
    )
    assert cause.victims == ("orders", "stock")
    assert room.now(early.incident).state == "merged"
    assert room.now(early.incident).merged_into == cause.incident
    late = room.find("too", {"upstream": "stock"}, kind="latency")
    assert late.incident == cause.incident
    assert {item.id: item.role for item in late.evidence} == {
        "finding:slow": "cause",
        "finding:waits": "symptom",
        "finding:too": "symptom",
    }
    assert causes(late) == {"upstream": "db"}
    room.check_chains()


def test_a_corrected_cause_corrects_the_incident_and_two_that_turn_out_the_same_become_one() -> None:
    room = Room()
    first = room.find("a", PAYMENTS)
    other = room.find("b", {"country": "DE"})
    assert other.incident != first.incident
    room.find("b", {**PAYMENTS, "country": "DE"}, state="updated")
    assert room.now(other.incident).merged_into == first.incident
    assert evidence(room.now(first.incident)) == {"finding:a", "finding:b"}
    room.check_chains()


def test_complaints_follow_their_calls_and_their_group() -> None:
    room = Room()
    for number in range(4):
        room.fail(f"call-{number}")
    room.fail("elsewhere", browser="Firefox", upstream="search")
    incident = room.find("a", PAYMENTS)
    assert incident.users == 4
    assert {sample.call for sample in incident.samples} == {f"call-{number}" for number in range(4)}
    for number in range(3):
        room.say(f"f-{number}", call=f"call-{number}")
    room.say("without a call")
    room.say("of something else", "other", call="elsewhere")
    room.group("g", 4)
    room.wait(20)
    incident = room.now(incident.incident)
    assert set(incident.feedback) == {"f-0", "f-1", "f-2", "without a call"}
    assert (incident.reports, incident.reporters) == (4, 4)
    assert incident.users == 8, "four who called, four who wrote under other names"
    (group,) = (item for item in incident.evidence if item.kind == "group")
    assert group.reason == "the calls behind 3 of its 4 reports are calls of this incident"
    assert {message.feedback for message in incident.messages} == set(incident.feedback)


def test_complaints_that_come_before_the_finding_are_found_again() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
        room.say(f"f-{number}", call=f"call-{number}")
    room.group("g", 3)
    assert not room.incidents
    assert set(room.find("a", PAYMENTS).feedback) == {"f-0", "f-1", "f-2"}


def test_a_call_that_comes_after_its_complaint_takes_it_along() -> None:
    room = Room()
    incident = room.find("a", PAYMENTS)
    room.say("f-1")
    room.say("f-2", "h")
    room.fail("late")
    room.say("f-2", "h", call="late", revision=1)
    room.wait(20)
    assert room.now(incident.incident).feedback == ("f-2",)


def test_enough_people_make_an_incident_that_telemetry_does_not_show() -> None:
    room = Room()
    for number in range(5):
        room.say(f"f-{number}")
    room.group("g", 5)
    room.wait(60)
    assert not room.incidents, "telemetry may still show it"
    room.wait(90)
    (incident,) = room.incidents.values()
    assert (incident.title, incident.cause, incident.reports) == ("I cannot pay", (), 5)
    assert incident.evidence[0].reason == "5 people report the same"
    room.restart()
    room.wait(600)
    assert len(room.incidents) == 1


def test_few_people_praise_and_known_problems_make_none() -> None:
    room = Room()
    room.group("few", 2)
    room.group("praise", 50, category="praise")
    room.group("known", 50, known_issue="KI-1")
    room.group("always", 20, expected_hour=18.0)
    room.wait(600)
    assert not room.incidents


def test_an_incident_that_people_opened_becomes_the_one_its_calls_show() -> None:
    room = Room()
    for number in range(5):
        room.fail(f"call-{number}")
        room.say(f"f-{number}", call=f"call-{number}")
    room.group("g", 5)
    room.wait(180)
    (opened,) = room.incidents.values()
    incident = room.find("a", PAYMENTS, since="2026-06-15T09:00:00Z")
    room.group("g", 5)
    room.wait(20)
    assert room.now(opened.incident).merged_into == incident.incident
    assert room.now(incident.incident).reporters == 5
    assert len(room.now(incident.incident).feedback) == 5
    room.check_chains()


def test_one_report_of_a_weakness_is_enough_and_few_may_read_it() -> None:
    room = Room()
    security: dict[str, Any] = {
        "category": {"name": "security", "probability": 0.9},
        "security": {"probability": 0.95, "restricted": True},
    }
    room.say("f-1", "leak", **security)
    room.group("leak", 1, category="security", restricted=True)
    room.wait(180)
    (incident,) = room.incidents.values()
    assert (incident.nature, incident.restricted, incident.priority) == ("security", True, "P2")
    assert incident.score.inputs.security == 0.95


def test_an_alert_joins_what_concerns_its_service() -> None:
    room = Room()
    incident = room.find("a", {"upstream": "payments"})
    alert = {"kind": "alert", "service": "payments", "alert": {"name": "HighErrorRate", "severity": "critical"}}
    room.take("hypercare.signals.v1", id="a-1", **alert)
    assert "alert:HighErrorRate@payments" in evidence(room.now(incident.incident))
    room.take("hypercare.signals.v1", id="a-2", **(alert | {"service": "mail"}))
    assert len(room.incidents) == 2


def test_a_restricted_report_does_not_hide_a_malfunction_and_is_not_quoted_in_it() -> None:
    room = Room()
    room.fail("call-1")
    name = room.find("a", PAYMENTS).incident
    room.say("f-1", call="call-1", security={"probability": 0.4, "restricted": True})
    room.group("g", 1, restricted=True)
    room.wait(20)
    incident = room.now(name)
    assert (incident.restricted, incident.feedback, incident.messages) == (False, ("f-1",), ())
    assert [item.what for item in incident.evidence if item.kind == "group"] == ["Restricted"]


def test_causes_that_select_the_same_calls_under_other_names_are_one_incident() -> None:
    room = Room()
    for number in range(6):
        room.fail(f"call-{number}", os="Windows", device="desktop", country="FR", release="3")
    start = "2026-06-15T09:00:00Z"
    one = room.find("a", {"os": "Windows", "country": "FR", "release": "3"}, since=start)
    other = room.find("b", {"device": "desktop", "country": "FR", "release": "3"}, since=start)
    assert other.incident == one.incident
    assert causes(other) == {"os": "Windows", "country": "FR", "release": "3"}


def test_slow_calls_do_not_push_out_those_that_failed() -> None:
    room = Room()
    room.fail("failed")
    for number in range(6_001):
        room.fail(f"slow-{number}", outcome="ok", status=200, slow_ratio=4.0, occurred_at="2026-06-15T09:00:30Z")
    assert [sample.call for sample in room.find("a", PAYMENTS, since="2026-06-15T09:00:00Z").samples] == ["failed"]


def test_a_group_that_was_told_before_its_complaints_leaves_no_incident_behind() -> None:
    room = Room()
    room.group("g", 4, last_at="2026-06-15T08:00:00Z", first_at="2026-06-15T08:00:00Z")
    room.wait(60)
    (opened,) = room.incidents.values()
    for number in range(4):
        room.fail(f"call-{number}")
    incident = room.find("a", PAYMENTS)
    room.say("f-1", call="call-1")
    room.wait(20)
    assert room.now(opened.incident).merged_into == incident.incident


def test_a_suspected_weakness_stays_apart_from_the_failure_that_its_calls_show() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
    security = {"probability": 0.95, "restricted": True}
    for number in range(3):
        room.say(f"f-{number}", "leak", security=security)
    room.group("leak", 3, category="security", restricted=True)
    room.wait(180)
    (weakness,) = room.incidents.values()
    failure = room.find("a", PAYMENTS, since="2026-06-15T09:00:00Z")
    for number in range(3):
        room.say(f"f-{number}", "leak", security=security, call=f"call-{number}", revision=1)
    room.wait(20)
    assert room.now(weakness.incident).state == "new"
    assert room.now(failure.incident).reports == 3
    assert all(item.what != "I cannot pay" for item in room.now(failure.incident).evidence), "its words are hidden"


def test_nothing_secret_or_personal_of_alerts_and_commands_is_told() -> None:
    room = Room()
    alert = {"name": "High", "summary": "ask ops.person@example.com, api_key=sk_test_EXAMPLE1234567890"}
    room.take("hypercare.signals.v1", id="a-1", kind="alert", service="payments", alert=alert)
    (incident,) = room.incidents.values()
    room.command(
        "assign", incident.incident, owner="team", reason="ask ops.person@example.com, password: hunter2hunter2"
    )
    room.command("workaround", incident.incident, workaround="log in with api_key=sk_test_EXAMPLE1234567890")
    said = "".join(one.encode().decode() for one in (*room.told, *room.audit))
    for secret in ("ops.person@example.com", "hunter2hunter2", "sk_test_EXAMPLE1234567890"):
        assert secret not in said
    assert "team" in said


def test_alerts_of_a_wrong_clock_are_taken_at_the_time_when_they_came() -> None:
    room = Room()
    alert = {"kind": "alert", "service": "payments", "alert": {"name": "High"}}
    room.take("hypercare.signals.v1", id="a-1", **(alert | {"occurred_at": "2031-01-01T00:00:00Z"}))
    (incident,) = room.incidents.values()
    assert incident.last_evidence_at <= room.at


def test_who_surely_speaks_of_another_call_does_not_follow_the_group() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
    room.fail("elsewhere", upstream="search", browser="Firefox")
    name = room.find("a", PAYMENTS).incident
    for number in range(3):
        room.say(f"f-{number}", call=f"call-{number}")
    room.say("same words", call="elsewhere")
    room.say("no call")
    room.wait(20)
    assert set(room.now(name).feedback) == {"f-0", "f-1", "f-2", "no call"}


def test_calls_that_may_be_behind_a_complaint_speak_together() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
        room.fail(f"other-{number}", upstream="search", browser="Firefox")
    name = room.find("a", PAYMENTS).incident
    for number in range(3):
        room.say(f"f-{number}", call=f"call-{number}")
    mine = [{"call": f"call-{number}", "probability": 0.15} for number in range(3)]
    others = [{"call": f"other-{number}", "probability": 0.2} for number in range(3)]
    room.say("alone", "elsewhere", candidates=mine)
    room.say("faint", "elsewhere", candidates=mine[:1])
    room.say("torn", "elsewhere", candidates=[*mine[:2], *others])
    room.say("follows nobody", candidates=others)
    room.wait(20)
    assert set(room.now(name).feedback) == {"f-0", "f-1", "f-2", "alone"}


def test_calls_do_not_speak_together_for_who_says_nothing_of_trouble_or_was_elsewhere() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
    name = room.find("a", PAYMENTS).incident
    mine = [{"call": f"call-{number}", "probability": 0.15} for number in range(3)]
    faint = {
        "call": "call-0", "occurred_at": room.at.isoformat(), "by": "anonymous", "points": 1, "probability": 0.15,
        "lag_s": 60, "outcome": "upstream_error",
    }  # fmt: skip
    room.say("calm", "late parcels", candidates=mine, links=[faint | {"evidence": {"route": 3.0, "tone": -0.3}}])
    room.say("elsewhere", "lists", candidates=mine, links=[faint | {"evidence": {"route": -2.0, "tone": 2.2}}])
    room.say("troubled", "payments", candidates=mine, links=[faint | {"evidence": {"route": 3.0, "tone": 2.2}}])
    room.wait(20)
    assert room.now(name).feedback == ("troubled",)


@pytest.mark.parametrize(
    ("by", "tone", "probability", "counts"),
    [
        ("anonymous", 2.2, 0.55, True),
        ("anonymous", -0.3, 0.55, False),
        ("anonymous", -0.3, 0.8, True),
        ("session", -0.3, 0.8, False),
        ("session", -0.3, 0.95, True),
        ("trace", -0.3, 0.55, True),
    ],
)
def test_calm_words_need_a_likelier_call_the_less_ties_them_to_it(
    by: str, tone: float, probability: float, *, counts: bool
) -> None:
    room = Room()
    room.fail("call-0")
    name = room.find("a", PAYMENTS).incident
    link = {
        "call": "call-0", "occurred_at": room.at.isoformat(), "by": by, "points": 1, "probability": probability,
        "lag_s": 60, "outcome": "upstream_error", "evidence": {"route": 3.0, "tone": tone},
    }  # fmt: skip
    room.say("said", "by itself", links=[link])
    room.wait(20)
    assert (room.now(name).feedback == ("said",)) is counts


def test_whoever_turns_out_to_speak_of_something_else_is_no_reporter_any_more() -> None:
    room = Room()
    room.fail("call-1")
    room.fail("call-2")
    room.fail("elsewhere", upstream="search", browser="Firefox")
    name = room.find("a", PAYMENTS).incident
    room.say("f-1", "g", call="call-1")
    room.say("f-2", "h", call="call-2")
    room.wait(20)
    assert (room.now(name).reports, room.now(name).reporters) == (2, 2)
    room.say("f-2", "h", call="elsewhere", revision=1)
    room.wait(20)
    assert (room.now(name).reports, room.now(name).reporters) == (1, 1)


def test_two_faults_in_one_browser_are_two_incidents_with_their_own_complaints() -> None:
    room = Room()
    search = {"upstream": "search", "browser": "Mobile Safari"}
    for number in range(6):
        room.fail(f"pay-{number}")
        room.fail(f"search-{number}", upstream="search", route="/search")
    pay, other = room.find("a", PAYMENTS).incident, room.find("b", search).incident
    for number in range(4):
        room.say(f"paid-{number}", "pay", call=f"pay-{number}")
        room.say(f"searched-{number}", "search", call=f"search-{number}")
    room.wait(20)
    assert pay != other
    assert set(room.now(pay).feedback) == {f"paid-{number}" for number in range(4)}
    assert set(room.now(other).feedback) == {f"searched-{number}" for number in range(4)}
    assert room.now(pay).users == room.now(other).users == 10


def test_evidence_of_what_two_faults_share_stays_apart_from_both() -> None:
    room = Room()
    pay = room.find("a", PAYMENTS).incident
    safari = room.find("b", {"browser": "Mobile Safari", "country": "DE"}).incident
    room.wait(10)
    assert pay != safari
    assert (room.now(pay).related, room.now(safari).related) == ((safari,), (pay,))
