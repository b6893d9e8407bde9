"""What people command about incidents: obeyed or refused, audited, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import Rejected
from contracts.incidents import Incident
from processors.incidents.chain import broken
from processors.runtime.stage import Skipped
from tests.unit.incidents.room import PAYMENTS, Room

MAIL = {"upstream": "mail"}


def evidence(incident: Incident) -> set[str]:
    return {item.id for item in incident.evidence}


@pytest.mark.parametrize(
    ("action", "said", "state"),
    [
        ("acknowledge", {}, "triaged"),
        ("assign", {"owner": "payments team"}, "triaged"),
        ("start", {}, "in_progress"),
        ("fix", {"release": "2"}, "fix_deployed"),
        ("resolve", {"reason": "done"}, "resolved"),
        ("defer", {"reason": "after the release"}, "deferred"),
        ("mute", {"reason": "known", "until": "2026-06-15T12:00:00Z"}, "suppressed"),
        ("reject", {"reason": "no problem"}, "rejected"),
        ("noise", {"reason": "a load test"}, "rejected"),
    ],
)
def test_each_step_is_answered_audited_and_can_be_taken_back(action: str, said: dict[str, Any], state: str) -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    answer = room.command(action, name, id="c", **said)
    assert answer.accepted
    assert (answer.actor, answer.before["state"], answer.after["state"]) == ("ops", "new", state)
    assert room.now(name).state == state
    assert room.now(name).state_version == 1
    back = room.command("take_back", name, command="c")
    assert back.accepted, back.refusal
    assert (room.now(name).state, room.now(name).owner, room.now(name).fix_release) == ("new", None, None)
    room.check_chains()


def test_of_two_people_the_second_is_refused_and_told_the_present_state() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    version = room.now(name).state_version
    assert room.command("start", name, state_version=version).accepted
    answer = room.command("reject", name, state_version=version, reason="not ours")
    assert not answer.accepted
    assert answer.refusal == (f"changed_meanwhile: {name} is in_progress, at state_version 1; the command saw 0")
    assert answer.before == {"state": "in_progress", "state_version": "1"}
    assert room.now(name).state == "in_progress"
    assert not room.command("reject", name, state_version=None, reason="not ours").accepted
    room.check_chains()


def test_evidence_does_not_make_a_command_stale() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    before = room.now(name)
    room.find("b", PAYMENTS, kind="latency")
    assert room.now(name).revision > before.revision
    assert room.command("start", name, state_version=before.state_version).accepted


def test_a_command_is_obeyed_once() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("start", name, id="twice")
    with pytest.raises(Skipped, match="repeat"):
        room.command("start", name, id="twice")
    with pytest.raises(Skipped, match="for_feedback"):
        room.command("rename_group", group="g", title="t")


def test_commands_that_make_no_sense_are_refused_with_the_reason() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    other = room.find("b", MAIL).incident
    for action, said, reason in (
        ("close", {}, "wrong_state: close needs one of resolved"),
        ("reopen", {}, "wrong_state"),
        ("merge", {"into": name}, "same_incident"),
        ("merge", {"into": "inc-x"}, "unknown_incident"),
        ("split", {"evidence": ["finding:a"]}, "nothing_left"),
        ("split", {"evidence": ["finding:x"]}, "unknown_evidence"),
        ("override", {"reason": "so"}, "nothing_said"),
        ("mute", {"reason": "so", "until": "2020-01-01T00:00:00Z"}, "over"),
        ("take_back", {"command": "never"}, "unknown_command"),
    ):
        answer = room.command(action, name, **said)
        assert not answer.accepted
        assert answer.refusal is not None
        assert answer.refusal.startswith(reason), answer.refusal
    assert room.now(name).state_version == 0
    unknown = room.command("start", "inc-x", state_version=0)
    assert (unknown.accepted, unknown.refusal) == (
        False,
        "unknown_incident: default/shop/production has no incident inc-x",
    )
    room.command("resolve", other, reason="x")
    assert not room.command("merge", name, into=other).accepted
    with pytest.raises(Rejected, match="the action assign needs owner"):
        room.command("assign", name)
    room.check_chains()


def test_an_override_keeps_both_values_and_ends_when_it_says() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    computed = room.now(name).priority
    answer = room.command(
        "override", name, severity="S1", priority="P1", reason="the board watches", until="2026-06-15T10:00:00Z"
    )
    assert answer.accepted
    incident = room.now(name)
    assert (incident.severity, incident.priority, incident.score.priority) == ("S1", "P1", computed)
    assert incident.override is not None
    assert (incident.override.actor, incident.override.reason) == ("ops", "the board watches")
    room.wait(3_700)
    assert (room.now(name).priority, room.now(name).override) == (room.now(name).score.priority, None)


def test_a_weakness_that_is_abused_comes_first() -> None:
    room = Room()
    room.find("b", MAIL)
    security = room.find("a", {"account": "p_1"}, kind="logins", evidence={"detectors": ["guessed"]}, confidence=0.9)
    assert security.nature == "security"
    room.command("override", security.incident, cvss=9.8, exploited=True, reason="seen in the logs")
    incident = room.now(security.incident)
    assert (incident.priority, incident.severity, incident.rank) == ("P1", "S1", 1)
    assert incident.score.value == pytest.approx(88.2)


def test_noise_lowers_what_repeats_it() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    sure = room.now(name).score.inputs.confidence
    room.find("a", PAYMENTS, state="closed")
    room.command("noise", name, reason="a load test")
    again = room.find("b", PAYMENTS)
    assert again.incident != name
    assert again.score.inputs.confidence == pytest.approx(sure / 2)
    assert again.same_as_past is not None
    assert again.same_as_past.ended == "rejected"


def test_merged_incidents_are_one_until_that_is_taken_back() -> None:
    room = Room()
    for number in range(3):
        room.fail(f"call-{number}")
        room.fail(f"mail-{number}", upstream="mail", browser="Firefox")
    one, other = room.find("a", PAYMENTS).incident, room.find("b", MAIL).incident
    room.say("f-1", "h", call="mail-1")
    merged = room.command("merge", other, id="merge", into=one, reason="the same network")
    assert merged.accepted
    assert room.now(other).merged_into == one
    assert evidence(room.now(one)) == {"finding:a", "finding:b", "group:h"}
    assert room.now(one).feedback == ("f-1",)
    room.say("f-2", "h", call="mail-2")
    room.find("c", {**MAIL, "country": "DE"})
    room.find("b", MAIL, state="updated")
    room.wait(20)
    assert evidence(room.now(one)) == {"finding:a", "finding:b", "finding:c", "group:h"}
    assert set(room.now(one).feedback) == {"f-1", "f-2"}
    assert room.command("take_back", other, command="merge").accepted
    room.wait(20)
    assert (room.now(other).state, room.now(other).merged_into) == ("new", None)
    assert evidence(room.now(one)) == {"finding:a"}
    assert evidence(room.now(other)) == {"finding:b", "finding:c", "group:h"}, "what came since went to its own"
    assert set(room.now(other).feedback) == {"f-1", "f-2"}
    assert room.now(one).feedback == ()
    assert room.having("finding:b").incident == other
    room.check_chains()


def test_what_a_person_split_off_stays_apart() -> None:
    room = Room()
    one = room.find("a", {"upstream": "payments"}).incident
    room.find("b", PAYMENTS)
    answer = room.command("split", one, id="split", evidence=["finding:b"], reason="another cause")
    new = answer.after["incident"]
    assert evidence(room.now(new)) == {"finding:b"}
    assert {d.attribute for d in room.now(new).cause} == {"upstream", "browser"}
    assert room.now(one).related == (new,)
    room.find("b", PAYMENTS, state="updated")
    assert room.having("finding:b").incident == new
    assert room.command("take_back", one, command="split").accepted
    assert room.having("finding:b").incident == one
    assert room.now(new).merged_into == one
    room.check_chains()


def test_a_group_that_a_person_moved_takes_later_reports_along() -> None:
    room = Room()
    for number in range(4):
        room.fail(f"call-{number}")
    one, other = room.find("a", PAYMENTS).incident, room.find("b", MAIL).incident
    for number in range(2):
        room.say(f"f-{number}", call=f"call-{number}")
    assert room.command("move", one, id="move", evidence=["group:g"], into=other).accepted
    room.wait(20)
    assert set(room.now(other).feedback) == {"f-0", "f-1"}
    assert room.now(one).feedback == ()
    room.say("f-2", call="call-2")
    room.wait(20)
    assert set(room.now(other).feedback) == {"f-0", "f-1", "f-2"}
    assert room.command("take_back", one, command="move").accepted
    room.wait(20)
    assert {"f-0", "f-1"} <= set(room.now(one).feedback)
    room.check_chains()


def test_whoever_changes_the_audit_is_found_out() -> None:
    room = Room()
    name = room.find("a", PAYMENTS).incident
    room.command("start", name)
    room.command("comment", name, reason="looking at the gateway")
    chain = [entry for entry in room.audit if entry.incident == name]
    assert not list(broken(chain))
    changed = chain[1].model_copy(update={"actor": "somebody else"})
    assert list(broken([chain[0], changed, *chain[2:]])) == [f"entry 1 of {name} was changed"]
    assert list(broken([chain[0], *chain[2:]])) == [f"entry 1 of {name} is missing: 2 follows"]
    assert not list(broken(chain[2:])), "its beginning may have been deleted with age"


def test_an_incident_of_another_project_is_said_to_be_one() -> None:
    room = Room()
    one = room.find("a", PAYMENTS).incident
    room.find("b", MAIL, project="shop2")
    other = next(name for name, incident in room.incidents.items() if incident.project == "shop2")
    refused = room.command("merge", one, into=other)
    assert refused.refusal is not None
    assert f"has no incident {other}; it is one of default/shop2/production" in refused.refusal
    room.find("c", MAIL, tenant="theirs", project="shop")
    hidden = next(name for name, incident in room.incidents.items() if incident.tenant == "theirs")
    secret = room.command("merge", one, into=hidden).refusal
    assert secret == f"unknown_incident: default/shop/production has no incident {hidden}"
