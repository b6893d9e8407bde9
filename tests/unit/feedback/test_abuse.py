"""What an attack on the feedback stage found: each of these ended it, leaked, or was told wrongly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.feedback import EnrichedFeedback
from contracts.topics import FEEDBACK, SYMPTOMS
from processors.feedback.fitting import NAMELESS, SHORTENED
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.repeats import TAKEN
from processors.runtime.stage import Skipped
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk, group, symptom

MASKED_LONGER: tuple[dict[str, Any], ...] = (
    {"context": {"screen": "?" + "pin=&" * 55}},
    {"attachments": ["https://x.example.com/?" + "pin=&" * 1_600]},
    {"source": {"url": "https://x.example.com/?" + "pin=&" * 1_600}},
    {"context": {"route": "/x?" + "pin=&" * 1_600}},
    {"attributes": {"note": "a@b.cc " * 290}},
    {"attributes": {"\u200b": "x"}},
)


@pytest.mark.parametrize("body", MASKED_LONGER, ids=lambda body: next(iter(body)))
def test_a_mask_that_is_longer_than_its_field_is_cut_and_what_was_told_can_be_told_again(body: dict[str, Any]) -> None:
    desk = Desk()
    said = desk.say("f1", SPINS, **body)
    assert EnrichedFeedback.model_validate_json(said.encode()) == said
    assert SHORTENED in said.notes or NAMELESS in said.attributes
    assert desk.command("c1", "relabel", feedback=["f1"], category="usability").accepted
    assert desk.feedback["f1"].revision == 1


@pytest.mark.parametrize("years", [40, 1_900])
def test_times_decades_apart_are_told_and_end_nothing(years: int) -> None:
    desk = Desk()
    long_ago = desk.at.replace(year=desk.at.year - years).isoformat()
    desk.take(SYMPTOMS.name, **symptom("c1", desk.at, trace_id="t") | {"occurred_at": long_ago})
    assert desk.say("f1", SPINS, trace={"trace_id": "t"}).id == "f1"
    desk.wait(600)


def test_a_symptom_that_comes_a_second_out_of_order_is_forgotten_together_with_its_pattern() -> None:
    desk = Desk()
    desk.take(SYMPTOMS.name, **symptom("c1", desk.at))
    desk.at -= timedelta(seconds=2)
    desk.take(SYMPTOMS.name, **symptom("c2", desk.at, route="/api/invoices", trace_id="t"))
    desk.wait(10_800)
    desk.take(SYMPTOMS.name, **symptom("c3", desk.at, session="x"))
    desk.wait(86_400 - 10_800 + 120)
    desk.say("f1", SPINS, channel="email", context={"route": "/api/payments"})


def test_a_command_whose_id_begins_like_another_s_is_another() -> None:
    desk = Desk()
    for name, text in (("f1", SPINS), ("f2", SPINS_TOO), ("f3", INVOICE)):
        desk.say(name, text)
    assert desk.command("a", "move_feedback", feedback=["f1"], into=group(desk.feedback["f3"])).accepted
    here = group(desk.feedback["f1"])
    assert desk.command("a/f1", "split_group", group=here, feedback=["f1"]).accepted
    assert desk.command("a/0", "relabel", feedback=["f1", "f1"], category="praise").accepted
    desk.restart()
    label = desk.feedback["f1"].category
    assert label is not None
    assert label.by_analyst
    assert desk.command("b", "take_back", command="a/0").accepted


def test_a_split_with_a_blank_title_is_refused_before_anything_is_done() -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    desk.say("f2", SPINS_TOO)
    before = group(desk.feedback["f2"])
    answer = desk.command("c1", "split_group", group=before, feedback=["f2"], title=" ")
    assert (answer.accepted, group(desk.feedback["f2"])) == (False, before)
    desk.wait(10)
    assert desk.feedback["f2"].revision == 0


def test_what_is_restricted_stays_so_through_merges_and_their_undoing() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    assert desk.command("c1", "relabel", feedback=["f1"], category="security").accepted
    assert desk.command("c2", "merge_groups", group=group(first), into=group(other)).accepted
    assert desk.groups[group(other)].restricted
    assert desk.command("c3", "take_back", command="c2").accepted
    assert desk.groups[group(first)].restricted


def test_a_known_problem_of_what_few_may_read_is_linked_and_a_moved_one_leaves_its_group() -> None:
    desk = Desk()
    leak = "I can read the invoices of other customers by changing the number in the address, no login needed"
    hidden = desk.say("f1", leak, title="Security: data of others is exposed")
    assert hidden.security is not None
    assert hidden.security.restricted
    assert desk.command("c1", "know_issue", issue="S-1", title="Leak", group=group(hidden)).accepted
    linked = desk.feedback["f1"].known_issue
    assert linked is not None
    assert linked.issue == "S-1"
    other = desk.say("f2", INVOICE)
    assert desk.command("c2", "know_issue", issue="S-1", title="Leak", group=group(other)).accepted
    assert desk.feedback["f1"].known_issue is None
    assert desk.feedback["f2"].known_issue is not None
    refused = desk.command("c3", "take_back", command="c1")
    assert not refused.accepted
    assert (refused.refusal or "").startswith("changed_since")
    assert desk.command("c4", "take_back", command="c2").accepted
    assert desk.feedback["f1"].known_issue is not None


def test_a_long_name_of_a_known_problem_is_no_id_of_a_report() -> None:
    desk = Desk()
    assert desk.command("c1", "know_issue", issue="i" * 300, title="Payment never goes through", text=SPINS).accepted
    assert desk.say("f1", SPINS_TOO).known_issue is not None


def test_a_group_that_lost_its_last_report_is_told_empty() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    assert desk.command("c1", "move_feedback", feedback=["f1"], into=group(other)).accepted
    assert desk.groups[group(first)].reports == 0


def test_an_id_that_is_still_known_is_a_repeat_however_many_came_meanwhile() -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    for key in list(desk.state[TAKEN]):
        del desk.state[TAKEN][key]
    with pytest.raises(Skipped, match="repeat"):
        desk.take(FEEDBACK.name, id="f1", text=INVOICE)


def test_a_chain_of_merges_is_followed_however_long() -> None:
    index = ProjectIndex()
    for number in range(5_000):
        index.know_alias(f"g{number}", f"g{number + 1}")
    assert index.root("g0") == "g5000"
    assert list(index.parts("g5000")) == [f"g{number}" for number in range(4_999, -1, -1)]
