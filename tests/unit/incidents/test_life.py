"""The life of an incident: what time, releases and findings do to it."""

from __future__ import annotations

from contracts.agreements import Project
from contracts.audit import AuditEntry
from contracts.incidents import Incident
from contracts.json_schema import example_file
from contracts.scoring import Scoring
from tests.unit.incidents.example_story import example_story
from tests.unit.incidents.room import PAYMENTS, Room

HOUR = 3_600


def test_a_fix_is_verified_by_the_signature_staying_away() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.wait(600)
    room.command("start", name)
    room.command("fix", name)
    assert room.now(name).state == "fix_deployed"
    room.wait(60)
    verification = room.now(name).verification
    assert room.now(name).state == "verifying"
    assert verification is not None
    assert verification.quiet_s >= 600
    assert "failing calls an hour before" in verification.reason
    room.find("a", PAYMENTS, state="closed")
    room.wait(verification.quiet_s + 400)
    incident = room.now(name)
    assert incident.state == "resolved"
    assert incident.rank == 0
    assert incident.closed_reason is not None
    assert incident.closed_reason.startswith("its signature stayed away for 10 minutes")
    assert {target.what: target.state for target in incident.targets} == {
        "acknowledge": "met", "communicate": "waiting", "fix": "met",
    }  # fmt: skip
    room.check_chains()


def test_what_lasts_after_its_fix_has_regressed() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("fix", name)
    room.wait(60)
    assert room.now(name).state == "verifying"
    room.wait(700)
    incident = room.now(name)
    assert (incident.state, incident.regressed, incident.verification) == ("in_progress", True, None)


def test_what_comes_back_within_a_week_is_the_same_incident_again() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.find("a", PAYMENTS, state="closed")
    room.command("resolve", name, reason="a retry was added")
    room.wait(2 * HOUR)
    again = room.find("b", PAYMENTS)
    assert again.incident == name
    assert (again.state, again.regressed) == ("in_progress", True)


def test_what_comes_back_later_is_a_new_one_that_names_the_old() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.find("a", PAYMENTS, state="closed")
    room.command("resolve", name, reason="a retry was added")
    room.wait(8 * 24 * HOUR, step=HOUR)
    assert room.now(name).state == "closed"
    again = room.find("b", PAYMENTS)
    assert again.incident != name
    assert again.same_as_past is not None
    assert (again.same_as_past.incident, again.same_as_past.ended) == (name, "closed")


def test_what_leaves_no_trace_for_a_day_goes_away_by_itself() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.wait(26 * HOUR, step=HOUR)
    assert room.now(name).state == "new", "its finding is still open"
    room.find("a", PAYMENTS, state="closed")
    room.wait(26 * HOUR, step=HOUR)
    assert room.now(name).state == "resolved"
    assert room.now(name).closed_reason == "it went away by itself: no evidence for a day"


def test_urgency_decays_once_it_is_over() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    before = room.now(name).score
    room.find("a", PAYMENTS, state="closed")
    room.wait(7 * HOUR, step=300)
    after = room.now(name).score
    assert after.value < before.value
    assert after.parts.decay < 0.55
    assert any(entry.action == "priority_falls" for entry in room.audit)


def test_a_release_before_it_is_named_and_one_after_it_makes_it_older() -> None:
    room = Room()
    room.deploy("3.3.0")
    room.wait(300)
    incident = room.find("a", PAYMENTS)
    assert incident.attribution is not None
    assert (incident.attribution.verdict, incident.attribution.release) == ("caused", "3.3.0")
    assert incident.attribution.reason == "payments 3.3.0 went live 5 minutes before"
    other = room.find("b", {"upstream": "mail"})
    assert other.attribution is not None
    assert other.attribution.verdict == "unrelated"
    room.deploy("1.2.0", "mail")
    room.wait(20)
    older = room.now(other.incident).attribution
    assert older is not None
    assert (older.verdict, older.release) == ("older", "1.2.0")


def test_one_release_of_two_side_by_side_is_to_blame() -> None:
    room = Room()
    versions = [{"release": "1", "calls": 900, "observed": 2}, {"release": "2", "calls": 100, "observed": 40}]
    incident = room.find("a", {"upstream": "payments"}, evidence={"versions": versions})
    assert incident.attribution is not None
    assert (incident.attribution.verdict, incident.attribution.release) == ("caused", "2")
    assert incident.attribution.reason == "side by side, 40.0% of the calls fail with 2, 0.2% with 1"


def test_the_release_that_holds_the_fix_begins_the_verification() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("fix", name, release="3.3.1")
    room.wait(120)
    assert room.now(name).state == "fix_deployed", "the release is not live yet"
    room.deploy("3.3.1")
    room.wait(120)
    assert room.now(name).state == "verifying"


def test_a_release_of_the_service_is_the_fix_of_what_is_worked_on() -> None:
    room = Room()
    name, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    room.command("start", name)
    room.deploy("3.3.1")
    room.wait(60)
    assert (room.now(name).state, room.now(name).fix_release) == ("verifying", "3.3.1")
    assert room.now(other).state == "new"


def test_targets_warn_before_they_are_missed_once() -> None:
    room = Room(Project(project="shop", users=100))
    name = room.find("a", PAYMENTS).incident
    severity = room.now(name).severity
    room.wait(26 * HOUR, step=60)
    said = [(entry.action, entry.reason) for entry in room.audit if entry.action.startswith("target")]
    assert severity == "S3"
    assert said == [("target_soon", "acknowledge"), ("target_late", "acknowledge"), ("target_soon", "communicate"),
                    ("target_late", "communicate")]  # fmt: skip
    assert {target.what: target.state for target in room.now(name).targets} == {
        "acknowledge": "late", "communicate": "late", "fix": "waiting",
    }  # fmt: skip
    room.command("acknowledge", name)
    room.command("communicate", name)
    assert {target.what for target in room.now(name).targets if target.met_at} == {"acknowledge", "communicate"}


def test_expected_trouble_rests_until_the_window_is_over() -> None:
    room = Room()
    room.command("quiet", until="2026-06-15T10:00:00Z", reason="release 4", service="payments")
    name, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    assert (room.now(name).state, room.now(other).state) == ("suppressed", "new")
    assert any(entry.reason == "expected: release 4" for entry in room.audit)
    room.wait(2 * HOUR)
    assert room.now(name).state == "new"


def test_constants_belong_to_the_project() -> None:
    room = Room(Project(project="shop", scoring=Scoring(half_life_h=1)))
    assert room.find("a", PAYMENTS).score.config == Scoring(half_life_h=1).version


def test_a_restart_changes_nothing() -> None:
    rooms = Room(), Room()
    for room in rooms:
        for number in range(4):
            room.fail(f"call-{number}")
        name = room.find("a", PAYMENTS).incident
        room.command("start", name)
        room.say("f-1", call="call-1")
        if room is rooms[1]:
            room.restart()
        room.say("f-2", call="call-2")
        room.say("f-3")
        room.group("g", 3)
        room.find("b", {"upstream": "payments"})
        if room is rooms[1]:
            room.restart()
        room.command("fix", name)
        room.wait(HOUR)
    assert rooms[0].told == rooms[1].told
    assert rooms[0].audit == rooms[1].audit


def test_example_messages_are_what_the_stage_tells() -> None:
    room = example_story()
    assert example_file(Incident).read_bytes().splitlines() == [room.told[0].encode(), room.told[-1].encode()]
    entries = example_file(AuditEntry).read_bytes().splitlines()
    assert entries[-len(room.audit) :] == [entry.encode() for entry in room.audit]


def test_after_a_restart_time_goes_on_for_every_incident() -> None:
    room = Room()
    one, other = room.find("a", PAYMENTS).incident, room.find("b", {"upstream": "mail"}).incident
    room.command("fix", other)
    room.restart()
    room.find("a", PAYMENTS, state="updated")
    room.wait(120)
    assert (room.now(one).state, room.now(other).state) == ("new", "verifying")


def test_what_was_called_resolved_and_goes_on_comes_back() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("resolve", name, reason="it looks better")
    room.wait(500)
    assert room.now(name).state == "resolved"
    room.wait(200)
    assert (room.now(name).state, room.now(name).regressed) == ("in_progress", True)


def test_numbers_that_only_grow_are_told_a_few_times_a_minute() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    before = room.now(name).revision
    for number in range(30):
        room.fail(f"call-{number}")
    assert room.now(name).revision == before, "only the passing of time tells them"
    room.wait(1, step=1)
    assert (room.now(name).revision, room.now(name).users) == (before + 1, 30)
