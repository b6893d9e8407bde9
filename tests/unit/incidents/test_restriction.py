"""Few may read an incident while one of its groups holds a report that may speak of a weakness, and no longer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.groups import FeedbackGroup
from contracts.incidents import Incident
from contracts.topics import FEEDBACK_SCORED, GROUPS
from processors.incidents.memories import HIDDEN
from processors.runtime.records import PlainRecord
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk, group
from tests.unit.feedback.test_restriction import DOINGS, INJECTION, INJECTION_TOO, TEXTS, Doing, do
from tests.unit.incidents.room import PAYMENTS, Room

LEAK: dict[str, Any] = {
    "category": {"name": "security", "probability": 0.9},
    "security": {"probability": 0.95, "restricted": True},
}
HARMLESS: dict[str, Any] = {
    "category": {"name": "functional_bug", "probability": 1.0, "by_analyst": True},
    "security": {"probability": 0.95, "restricted": False},
}


def opened(room: Room, name: str = "leak") -> str:
    """The incident that one report of a weakness makes."""
    room.say(f"f-{name}", name, **LEAK)
    room.group(name, 1, category="security", restricted=True, title="anybody reads my mail")
    room.wait(180)
    return room.having(f"group:{name}").incident


def lift(room: Room, name: str = "leak") -> None:
    room.group(name, 1, title="anybody reads my mail", category="functional_bug")
    room.say(f"f-{name}", name, revision=1, **HARMLESS)
    room.wait(10)


def restrict(room: Room, name: str = "leak") -> None:
    room.group(name, 1, title="anybody reads my mail", category="security", restricted=True)
    room.say(f"f-{name}", name, revision=2, **LEAK)
    room.wait(10)


@pytest.mark.parametrize("restarts", [False, True])
def test_it_is_lifted_with_its_group_audited_and_its_words_come_back(restarts: bool) -> None:  # noqa: FBT001 - a case
    room = Room()
    name = opened(room)
    if restarts:
        room.restart()
    lift(room)
    now = room.now(name)
    assert (now.restricted, now.nature, now.title) == (False, "malfunction", "anybody reads my mail")
    assert [one.feedback for one in now.messages] == ["f-leak"]
    assert now.score.inputs.security == 0
    (entry,) = (one for one in room.audit if one.action == "lift_restriction")
    assert (entry.before, entry.after) == ({"restricted": "True"}, {"restricted": "False"})
    assert entry.reason
    assert entry.restricted is False
    if restarts:
        room.restart()
    restrict(room)
    assert (room.now(name).restricted, room.now(name).nature) == (True, "security")
    assert room.now(name).score.inputs.security == 0.95
    assert [one.action for one in room.audit if "restrict" in one.action] == ["lift_restriction", "restrict"]
    room.check_chains()


def test_an_incident_that_nobody_restricted_is_when_its_group_is() -> None:
    room = Room()
    for number in range(4):
        room.say(f"f-{number}", "g")
    room.group("g", 4)
    room.wait(180)
    name = room.having("group:g").incident
    assert not room.now(name).restricted
    room.group("g", 4, restricted=True)
    assert room.now(name).restricted, "at once"


def test_a_malfunction_stays_open_and_shows_no_word_of_what_few_may_read() -> None:
    room = Room()
    room.fail("call-1")
    name = room.find("a", PAYMENTS).incident
    room.say("f-1", call="call-1")
    room.group("g", 1, title="I can pay as anybody")
    room.wait(20)
    assert len(room.now(name).messages) == 1
    room.say("f-1", call="call-1", revision=1, **LEAK)
    assert room.now(name).messages == (), "at once"
    room.group("g", 1, title="I can pay as anybody", restricted=True)
    now = room.now(name)
    assert not now.restricted
    assert [item.what for item in now.evidence if item.kind == "group"] == [HIDDEN]
    room.group("g", 1, title="I can pay as anybody")
    room.say("f-1", call="call-1", revision=2, **HARMLESS)
    now = room.now(name)
    assert [item.what for item in now.evidence if item.kind == "group"] == ["I can pay as anybody"]
    assert len(now.messages) == 1


def test_an_alert_with_a_restricted_group_is_not_called_by_its_words() -> None:
    room = Room()
    alert = {"kind": "alert", "service": "mail", "alert": {"name": "High", "severity": "critical"}}
    room.take("hypercare.signals.v1", id="a-1", **alert)
    (incident,) = room.incidents.values()
    weakness = opened(room)
    moved = room.command("merge", weakness, into=incident.incident, reason="the same")
    assert not moved.accepted, "what few may read is not merged with what everybody may"
    assert room.now(incident.incident).title == incident.title


def test_a_merge_of_restricted_ones_is_lifted_with_the_last_and_what_was_merged_with_it() -> None:
    room = Room()
    one, other = opened(room, "leak"), opened(room, "hole")
    assert room.command("merge", other, into=one, reason="the same").accepted
    lift(room, "leak")
    assert room.now(one).restricted
    assert room.now(other).restricted
    lift(room, "hole")
    assert not room.now(one).restricted
    assert not room.now(other).restricted, "its document has words as well"
    restrict(room, "hole")
    assert room.now(one).restricted
    assert room.now(other).restricted


def test_a_restricted_group_that_is_split_off_takes_the_restriction_along_and_brings_it_back() -> None:
    room = Room()
    one, other = opened(room, "leak"), opened(room, "hole")
    assert room.command("merge", other, into=one, reason="the same").accepted
    lift(room, "leak")
    split = room.command("split", one, evidence=["group:hole"])
    assert split.accepted
    apart = split.after["incident"]
    assert (room.now(one).restricted, room.now(apart).restricted) == (False, True)
    assert room.command("take_back", one, command=split.command).accepted
    assert room.now(one).restricted
    room.check_chains()


def test_a_restricted_group_that_is_moved_hides_what_it_comes_to() -> None:
    room = Room()
    one, other, third = opened(room, "leak"), opened(room, "hole"), opened(room, "gap")
    assert room.command("merge", other, into=one, reason="the same").accepted
    moved = room.command("move", one, evidence=["group:hole"], into=third)
    assert moved.accepted
    lift(room, "leak")
    lift(room, "gap")
    assert (room.now(one).restricted, room.now(third).restricted) == (False, True)
    assert room.command("take_back", one, command=moved.command).accepted
    assert (room.now(one).restricted, room.now(third).restricted) == (True, False)
    room.check_chains()


def test_a_restricted_group_that_a_person_moves_hides_even_findings_and_no_longer_than_itself() -> None:
    room = Room()
    found = room.find("d", {"upstream": "archive"}, kind="data_access").incident
    one, other = opened(room, "leak"), opened(room, "hole")
    assert room.command("merge", other, into=one, reason="the same").accepted
    assert not room.now(found).restricted
    assert room.command("move", one, evidence=["group:hole"], into=found).accepted
    assert room.now(found).restricted
    lift(room, "hole")
    now = room.now(found)
    assert (now.restricted, now.nature) == (False, "security"), "its finding says so"
    room.check_chains()


def test_of_a_group_that_is_known_no_more_the_incident_stays_as_it_is() -> None:
    room = Room()
    one, other = opened(room, "leak"), opened(room, "hole")
    assert room.command("merge", other, into=one, reason="the same").accepted
    groups = next(spec for spec in room.stage.tables if spec.name == "incident_groups")
    for key in [key for key in room.state[groups] if key.endswith("|hole")]:
        del room.state[groups][key]
    lift(room, "leak")
    assert room.now(one).restricted


class Chain:
    """Both stages: what the first tells, the second takes in, in whichever order of topics."""

    def __init__(self, *, feedback_first: bool, restarts: bool = False) -> None:
        self.desk, self.room, self._taken = Desk(), Room(), 0
        self._kinds: tuple[type[Event], ...] = (EnrichedFeedback, FeedbackGroup)
        self._feedback_first, self._restarts = feedback_first, restarts

    def begin(self) -> str:
        """Have incidents opened; return one that few may read."""
        for _ in range(3):
            self.desk.wait(100)
            self._arrive(self._kinds)
            self.room.wait(200)
        return next(one.incident for one in self.room.incidents.values() if one.restricted)

    def go_on(self, seconds: float) -> None:
        """Let time pass, and what was told arrive."""
        self.desk.wait(seconds)
        self._arrive(self._kinds if self._feedback_first else self._kinds[::-1])
        if self._restarts:
            self.room.restart()
        self.room.wait(10)

    def _arrive(self, kinds: tuple[type[Event], ...]) -> None:
        told, self._taken = self.desk.told[self._taken :], len(self.desk.told)
        for kind in kinds:
            for event in told:
                if isinstance(event, kind):
                    self._take(FEEDBACK_SCORED.name if kind is EnrichedFeedback else GROUPS.name, event)

    def _take(self, topic: str, event: Any) -> None:
        self.room.at = max(self.room.at, self.desk.at)
        at_ms = int(self.room.at.timestamp() * 1_000)
        record = PlainRecord(event.encode(), topic=topic, timestamp=at_ms)
        self.room._see(self.room.stage.process(record, self.room.state))

    def check(self) -> None:
        """Of whatever only people speak, few may read what holds a restricted report, and nothing else."""
        for incident in self.room.incidents.values():
            restricted = any(
                self.desk.groups[item.id.partition(":")[2]].restricted
                for item in incident.evidence
                if item.kind == "group"
            )
            assert incident.restricted == restricted, incident
            self._check_words(incident)

    def _check_words(self, incident: Incident) -> None:
        for message in incident.messages:
            security = self.desk.feedback[message.feedback].security
            assert incident.restricted or security is None or not security.restricted


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(TEXTS) - 1), min_size=3, max_size=5), DOINGS, st.booleans(), st.booleans())
def test_after_any_decisions_about_feedback_incidents_follow(
    texts: list[int],
    doings: list[Doing],
    feedback_first: bool,  # noqa: FBT001 - cases
    restarts: bool,  # noqa: FBT001
) -> None:
    chain, done = Chain(feedback_first=feedback_first, restarts=restarts), list[str]()
    for number, text in enumerate((*texts, 3)):
        chain.desk.say(f"f{number}", TEXTS[text])
    assert chain.begin(), "there is something to be lifted"
    for number, doing in enumerate(doings):
        do(chain.desk, number, doing, done)
        chain.go_on(1)
        chain.check()
    chain.room.check_chains()


def test_what_an_analyst_relabels_opens_message_group_and_incident() -> None:
    chain = Chain(feedback_first=False)
    for name, text in (("f1", INJECTION), ("f2", INJECTION_TOO), ("f3", SPINS), ("f4", SPINS_TOO), ("f5", INVOICE)):
        chain.desk.say(name, text)
    name = chain.begin()
    assert name == chain.room.having(f"group:{group(chain.desk.feedback['f1'])}").incident
    assert chain.desk.command("c1", "relabel", feedback=["f1", "f2"], category="functional_bug").accepted
    chain.go_on(10)
    now = chain.room.now(name)
    assert not now.restricted
    assert {one.text for one in now.messages} == {INJECTION, INJECTION_TOO}
    assert chain.desk.command("c2", "take_back", command="c1").accepted
    chain.go_on(10)
    assert chain.room.now(name).restricted
