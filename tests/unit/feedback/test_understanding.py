"""Feedback, symptoms and commands in; what was understood, groups and answers out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest

from contracts.calls import Outcome
from contracts.errors import Rejected
from contracts.topics import COMMANDS, SYMPTOMS
from processors.feedback import kept, learning
from processors.runtime.stage import Skipped
from processors.runtime.tables import State
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk, group, symptom
from tests.unit.feedback.stages import SHIPPED


def test_everything_is_understood_of_one_piece() -> None:
    said = Desk().say("f", SPINS, title="Payment broken", channel="in_app", rating={"scale": "stars", "value": 1})
    assert said.category is not None
    assert said.category.name == "functional_bug"
    assert said.category.words
    assert said.security is not None
    assert not said.security.restricted
    assert said.severity is not None
    assert said.severity.value > 0.2
    assert said.group is not None
    assert (said.group.decision, said.group.reports, said.group.title) == ("new", 1, "Payment broken")
    assert said.links == ()
    assert said.score is not None
    assert 0 < said.score < 100


def test_two_people_with_the_same_problem_are_one_group_and_another_problem_is_not() -> None:
    desk = Desk()
    first = desk.say("f1", SPINS, reporter={"pseudonym": "ana"})
    second = desk.say("f2", SPINS_TOO, reporter={"pseudonym": "ben"})
    other = desk.say("f3", INVOICE, reporter={"pseudonym": "cem"})
    assert group(first) == group(second) != group(other)
    assert desk.groups[group(first)].reports == desk.groups[group(first)].reporters == 2
    assert second.group is not None
    assert second.group.nearest == "f1"
    assert second.group.reason


def test_the_call_behind_it_is_linked_whichever_comes_first() -> None:
    desk = Desk()
    desk.take(SYMPTOMS.name, **symptom("c1", desk.at, trace_id="t1"))
    first = desk.say("f1", SPINS, trace={"trace_id": "t1"})
    late = desk.say("f2", SPINS_TOO, trace={"trace_id": "t2"})
    assert [link.call for link in first.links][:1] == ["c1"]
    link = first.links[0]
    assert (link.by, link.route, link.upstream, link.outcome) == (
        "trace",
        "/api/payments",
        "payments",
        "upstream_error",
    )
    assert link.points == pytest.approx(sum(link.evidence.values()), abs=0.01)
    assert first.severity is not None
    assert first.severity.value > first.severity.from_text
    desk.take(SYMPTOMS.name, **symptom("c2", late.occurred_at - timedelta(seconds=40), trace_id="t2"))
    assert [link.call for link in desk.feedback["f2"].links][:1] == ["c2"]
    assert desk.feedback["f2"].revision > late.revision
    assert (desk.feedback["f2"].score or 0) > (late.score or 0)


def test_a_relabel_counts_teaches_and_can_be_taken_back() -> None:
    desk = Desk()
    before = desk.say("f1", INVOICE)
    assert before.category is not None
    answer = desk.command("c1", "relabel", feedback=["f1"], category="usability")
    assert answer.accepted
    assert (answer.before, answer.after) == ({"category": before.category.name}, {"category": "usability"})
    relabelled = desk.feedback["f1"].category
    assert relabelled is not None
    assert (relabelled.name, relabelled.by_analyst) == ("usability", True)
    with pytest.raises(Skipped, match="repeat"):
        desk.command("c1", "relabel", feedback=["f1"], category="praise")
    taught = desk.say("f2", "Where can I download the invoice of that order?").category
    assert desk.command("c2", "take_back", command="c1").accepted
    back = desk.feedback["f1"].category
    assert back == before.category
    untaught = desk.say("f3", "Where can I download the invoice of this order?").category
    assert taught is not None
    assert untaught is not None
    assert (taught.name == "usability") or taught.probability < untaught.probability
    assert not desk.command("c3", "take_back", command="c1").accepted


def test_a_merge_is_told_of_every_report_and_can_be_undone() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    assert desk.command("c1", "merge_groups", group=group(other), into=group(first)).accepted
    assert group(desk.feedback["f2"]) == group(first)
    assert desk.groups[group(other)].merged_into == group(first)
    assert desk.groups[group(first)].reports == 2
    desk.restart()
    assert desk.command("c2", "take_back", command="c1").accepted
    assert group(desk.feedback["f2"]) == group(other)
    assert desk.groups[group(other)].merged_into is None
    assert desk.groups[group(first)].reports == 1


def test_split_move_and_rename_are_respected() -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    desk.say("f2", SPINS_TOO)
    other = desk.say("f3", INVOICE)
    split = desk.command("c1", "split_group", group=group(desk.feedback["f1"]), feedback=["f2"], title="Buttons")
    apart = desk.feedback["f2"]
    assert split.after == {"group": group(apart)}
    assert group(apart) != group(desk.feedback["f1"])
    assert apart.group is not None
    assert (apart.group.decision, apart.group.title) == ("analyst", "Buttons")
    assert desk.command("c2", "move_feedback", feedback=["f2"], into=group(other)).accepted
    assert group(desk.feedback["f2"]) == group(other)
    assert desk.command("c3", "rename_group", group=group(other), title="Invoices").accepted
    assert desk.groups[group(other)].title == "Invoices"
    refused = desk.command("c4", "move_feedback", feedback=["f2"], into=group(other))
    assert not refused.accepted
    assert refused.refusal is not None
    assert "same_group" in refused.refusal


def test_what_speaks_of_a_weakness_is_grouped_apart() -> None:
    desk = Desk()
    leak = "I can read the invoices of other customers by changing the number in the address, no login needed"
    said = desk.say("f1", leak, title="Security: other people's data is exposed")
    assert said.security is not None
    assert said.security.restricted
    assert said.group is not None
    assert said.group.restricted
    assert desk.groups[group(said)].restricted
    assert (said.score or 0) >= 30
    open_one = desk.say("f2", INVOICE)
    assert not desk.groups[group(open_one)].restricted
    assert desk.command("c1", "relabel", feedback=["f2"], category="security").accepted
    hidden = desk.feedback["f2"]
    assert hidden.security is not None
    assert hidden.security.restricted
    assert desk.groups[group(hidden)].restricted, "its title was a sentence of what is restricted now"


def test_a_known_problem_is_linked_and_counted() -> None:
    desk = Desk()
    first = desk.say("f1", SPINS)
    answer = desk.command(
        "c1", "know_issue", issue="SHOP-1", title="Payment spins", group=group(first), workaround="Pay later"
    )
    assert answer.accepted
    known = desk.feedback["f1"].known_issue
    assert known is not None
    assert (known.issue, known.workaround) == ("SHOP-1", "Pay later")
    assert desk.say("f2", SPINS_TOO).known_issue == known
    assert desk.groups[group(first)].known_issue == "SHOP-1"
    assert desk.say("f3", INVOICE).known_issue is None
    desk.command("c2", "forget_issue", issue="SHOP-1")
    assert desk.feedback["f1"].known_issue is None
    desk.command("c3", "take_back", command="c2")
    assert desk.feedback["f1"].known_issue == known


def test_a_known_problem_nobody_has_reported_yet_is_recognised() -> None:
    desk = Desk()
    desk.command("c1", "know_issue", issue="SHOP-1", title="Payment never goes through", text=SPINS)
    known = desk.say("f1", SPINS_TOO).known_issue
    assert known is not None
    assert known.issue == "SHOP-1"


@pytest.mark.parametrize(
    ("action", "body", "why"),
    [
        ("relabel", {"feedback": ["none"], "category": "praise"}, "unknown_feedback"),
        ("merge_groups", {"group": "none", "into": "none-too"}, "unknown_group"),
        ("move_feedback", {"feedback": ["f1"], "into": "none"}, "unknown_group"),
        ("rename_group", {"group": "none", "title": "T"}, "unknown_group"),
        ("forget_issue", {"issue": "none"}, "unknown_issue"),
        ("take_back", {"command": "none"}, "unknown_command"),
        ("split_group", {"group": "x", "feedback": ["f1"]}, "not_in_group"),
        ("know_issue", {"issue": "i", "title": "t", "group": "none"}, "unknown_group"),
    ],
)
def test_what_cannot_be_done_is_answered_and_changes_nothing(action: str, body: dict[str, Any], why: str) -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    desk.state.take_changes()
    answer = desk.command("c1", action, **body)
    assert not answer.accepted
    assert answer.refusal is not None
    assert answer.refusal.startswith(why)
    assert desk.feedback["f1"].revision == 0


def test_a_command_that_lacks_what_it_needs_is_a_dead_letter() -> None:
    with pytest.raises(Rejected, match="needs"):
        Desk().take(COMMANDS.name, id="c", action="relabel", actor="a", category="praise")


def test_a_restart_changes_nothing() -> None:
    plain, restarted = Desk(), Desk()
    for desk in (plain, restarted):
        for number in range(30):
            text = (SPINS, SPINS_TOO, INVOICE)[number % 3] + f" number {number}"
            desk.take(SYMPTOMS.name, **symptom(f"c{number}", desk.at, session=f"s{number % 5}"))
            desk.say(f"f{number}", text, session=f"s{number % 7}", reporter={"pseudonym": f"p{number % 4}"})
            if number == 10:
                desk.command("m", "relabel", feedback=["f2"], category="usability")
            if desk is restarted and number % 4 == 0:
                desk.restart()
        desk.wait(60)
    assert plain.feedback == restarted.feedback
    assert plain.groups == restarted.groups


def test_a_call_that_was_only_slow_is_linked_as_such() -> None:
    desk = Desk()
    slow = {"outcome": "ok", "status": 200, "code": None, "blame": "none", "total_ms": 30_000, "slow_ratio": 20.0}
    desk.take(SYMPTOMS.name, **symptom("c1", desk.at, session="s1") | slow)
    said = desk.say("f1", "The payment page is so slow, it takes half a minute", session="s1", channel="in_app")
    assert said.links
    assert said.links[0].outcome == "slow"
    assert said.severity is not None
    assert said.severity.value >= 0.3


def test_every_outcome_that_a_symptom_may_have_can_be_told() -> None:
    for number, outcome in enumerate(get_args(Outcome)):
        desk = Desk()
        ended = {"outcome": outcome, "slow_ratio": 9.0, "total_ms": 9_000}
        desk.take(SYMPTOMS.name, **symptom(f"c{number}", desk.at, trace_id="t") | ended)
        assert desk.say("f", SPINS, trace={"trace_id": "t"}).id == "f"


def test_what_changed_and_changed_back_before_its_turn_is_not_told_again() -> None:
    desk = Desk()
    here = group(desk.say("f1", SPINS))
    for name, action, body in (("c1", "know_issue", {"title": "Payment", "group": here}), ("c2", "forget_issue", {})):
        desk.take(COMMANDS.name, id=name, action=action, actor="triage", issue="S-1", **body)
    desk.wait(1)
    assert desk.feedback["f1"].revision == 0


def test_calls_that_are_hardly_likely_are_not_told() -> None:
    desk = Desk()
    for number in range(20):
        desk.take(SYMPTOMS.name, **symptom(f"c{number}", desk.at))
    desk.take(SYMPTOMS.name, **symptom("mine", desk.at, trace_id="t", session="me"))
    said = desk.say("f1", SPINS, trace={"trace_id": "t"}, session="me", channel="in_app")
    assert [link.call for link in said.links] == ["mine"]


def test_what_waits_is_told_in_the_order_it_was_asked_for_after_a_restart_too() -> None:
    state = State(kept.TABLES)
    waiting = kept.Kept(state)
    for name in ("f3", "f1", "f2"):
        waiting.ask_again("p", name)
    assert kept.Kept(state).take_due(2) == [("p", "f3"), ("p", "f1")]


def test_a_relabel_that_is_known_already_changes_nothing_that_is_stored() -> None:
    state = State((learning.RELABELS,))
    made = [
        SHIPPED.relabel(None, text, id=name, feedback=name, label=label, by="triage", at=0)
        for name, text, label in (("a", SPINS, "performance"), ("b", INVOICE, "praise"))
    ]
    taught = learning.Learning(state)
    for one in (*made, made[0]):
        taught.learn("p", one)
    again = learning.Learning(state)
    assert [again.label("p", name) for name in ("a", "b")] == ["performance", "praise"]
