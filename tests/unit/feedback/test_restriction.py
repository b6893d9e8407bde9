"""Few may read a group while one of its reports may speak of a weakness, and no longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from processors.feedback.grouping.stored import REPORTS, StoredReport
from processors.feedback.kept import KEPT, LONG
from processors.feedback.told_groups import RESTRICTED, TOLD
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk, group

INJECTION = "I found a SQL injection: with a quote in the search field I can read the passwords of other customers"
INJECTION_TOO = "There is a SQL injection in the search field: with a quote I read the passwords of other customers"


def is_restricted(desk: Desk, name: str) -> bool:
    """Whether one piece of feedback is restricted as it was told last."""
    security = desk.feedback[name].security
    return security is not None and security.restricted


def hides(desk: Desk, name: str) -> bool:
    """Whether one piece of feedback says that its group is restricted."""
    grouped = desk.feedback[name].group
    return grouped is not None and grouped.restricted


def relabel(desk: Desk, command: str, category: str, *names: str) -> None:
    assert desk.command(command, "relabel", feedback=list(names), category=category).accepted


def test_a_relabel_lifts_the_restriction_of_the_group_and_its_take_back_puts_it_on_again() -> None:
    desk = Desk()
    said = desk.say("f1", INJECTION)
    assert desk.groups[group(said)].restricted
    relabel(desk, "c1", "functional_bug", "f1")
    assert not desk.groups[group(said)].restricted
    assert not hides(desk, "f1")
    desk.restart()
    assert desk.command("c2", "take_back", command="c1").accepted
    assert desk.groups[group(said)].restricted
    assert is_restricted(desk, "f1")
    assert hides(desk, "f1")


def test_it_is_lifted_with_the_last_of_several_and_all_of_the_group_are_told() -> None:
    desk = Desk()
    first, second = desk.say("f1", INJECTION), desk.say("f2", INJECTION_TOO)
    assert group(first) == group(second)
    relabel(desk, "c1", "functional_bug", "f1")
    assert desk.groups[group(first)].restricted
    assert (is_restricted(desk, "f1"), hides(desk, "f1")) == (False, True)
    desk.restart()
    relabel(desk, "c2", "functional_bug", "f2")
    desk.wait(1)
    assert not desk.groups[group(first)].restricted
    assert not any(hides(desk, name) for name in ("f1", "f2"))
    desk.say("f3", INJECTION)
    desk.wait(1)
    assert desk.groups[group(first)].restricted, "a new one that may speak of a weakness is no earlier decision"
    assert all(hides(desk, name) for name in ("f1", "f2", "f3"))


def test_one_that_is_moved_out_takes_the_restriction_along_and_leaves_no_word_behind() -> None:
    desk = Desk()
    first, _, other = desk.say("f1", SPINS), desk.say("f2", SPINS_TOO), desk.say("f3", INVOICE)
    assert desk.groups[group(first)].title == SPINS
    relabel(desk, "c1", "security", "f1")
    desk.wait(1)
    assert hides(desk, "f2")
    assert desk.command("c2", "move_feedback", feedback=["f1"], into=group(other)).accepted
    left = desk.groups[group(first)]
    assert (left.restricted, left.title) == (False, SPINS_TOO)
    assert desk.groups[group(other)].restricted
    assert [hides(desk, name) for name in ("f1", "f2", "f3")] == [True, False, True]
    assert desk.command("c3", "take_back", command="c2").accepted
    assert (desk.groups[group(first)].restricted, desk.groups[group(other)].restricted) == (True, False)


def test_a_split_lifts_it_from_those_that_stay() -> None:
    desk = Desk()
    first = desk.say("f1", SPINS)
    desk.say("f2", SPINS_TOO)
    relabel(desk, "c1", "security", "f2")
    assert desk.command("c2", "split_group", group=group(first), feedback=["f2"]).accepted
    assert not desk.groups[group(first)].restricted
    assert desk.groups[group(desk.feedback["f2"])].restricted
    assert desk.command("c3", "take_back", command="c2").accepted
    assert desk.groups[group(first)].restricted


def test_all_that_became_part_of_a_group_are_told_with_it() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    assert desk.command("c1", "merge_groups", group=group(other), into=group(first)).accepted
    relabel(desk, "c2", "security", "f1")
    assert desk.groups[group(other)].restricted, "its document shows the title of the whole"
    relabel(desk, "c3", "functional_bug", "f1")
    assert not any(desk.groups[group(one)].restricted for one in (first, other))


def test_what_was_lifted_while_it_was_part_of_another_is_open_when_it_is_none_any_more() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    relabel(desk, "c1", "security", "f1")
    assert desk.command("c2", "merge_groups", group=group(first), into=group(other)).accepted
    relabel(desk, "c3", "functional_bug", "f1")
    assert desk.command("c4", "take_back", command="c2").accepted
    assert not any(desk.groups[group(one)].restricted for one in (first, other))
    desk.restart()
    desk.say("f3", SPINS_TOO)
    assert not desk.groups[group(first)].restricted


def test_one_that_comes_back_to_a_group_of_which_another_command_spoke_restricts_that() -> None:
    desk = Desk()
    first, other, third = desk.say("f1", SPINS), desk.say("f2", INVOICE), desk.say("f3", "The voucher is refused")
    desk.say("f4", SPINS_TOO)
    assert desk.command("c1", "merge_groups", group=group(first), into=group(other)).accepted
    assert desk.command("c2", "move_feedback", feedback=["f1"], into=group(third)).accepted
    relabel(desk, "c3", "security", "f1")
    assert desk.command("c4", "take_back", command="c1").accepted
    assert desk.command("c5", "take_back", command="c2").accepted
    assert group(desk.feedback["f1"]) == group(desk.feedback["f4"])
    check(desk)
    assert desk.groups[group(first)].restricted


def test_why_something_is_in_its_group_quotes_nothing_that_only_few_may_read() -> None:
    desk = Desk()
    words = "On my iPhone the payment button keeps spinning, payment does not complete"
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    quoting = desk.say("f3", words)
    assert quoting.group is not None
    assert SPINS in quoting.group.reason
    relabel(desk, "c1", "security", "f1")
    assert desk.command("c2", "move_feedback", feedback=["f1"], into=group(other)).accepted
    desk.wait(1)
    assert group(desk.feedback["f3"]) == group(first)
    assert not hides(desk, "f3")
    assert SPINS not in desk.feedback["f3"].encode().decode()


def test_what_is_remembered_no_more_stays_as_few_may_read_it() -> None:
    desk = Desk()
    said = desk.say("f1", INJECTION)
    relabel(desk, "c1", "functional_bug", "f1")
    for table in (KEPT, LONG):
        for key in list(desk.state[table]):
            del desk.state[table][key]
    assert desk.command("c2", "take_back", command="c1").accepted
    assert desk.groups[group(said)].restricted, "its words are gone, so nothing can say that it is harmless"


def forget_oldest(desk: Desk) -> None:
    """Fifty thousand more reports would do the same."""
    partition, _ = desk.stage._of(desk.state)
    partition.grouper.memory._forget_oldest()


def test_a_group_stays_restricted_when_a_report_that_few_may_read_is_forgotten_in_it() -> None:
    desk = Desk()
    first = desk.say("f1", INJECTION)
    desk.say("f2", INJECTION_TOO)
    forget_oldest(desk)
    desk.restart()
    relabel(desk, "c1", "functional_bug", "f2")
    assert desk.groups[group(first)].restricted


def test_a_group_takes_along_what_was_forgotten_in_it_when_it_becomes_part_of_another() -> None:
    desk = Desk()
    first, other = desk.say("f1", SPINS), desk.say("f2", INVOICE)
    desk.say("f3", SPINS_TOO)
    relabel(desk, "c1", "security", "f1")
    forget_oldest(desk)
    assert desk.command("c2", "merge_groups", group=group(first), into=group(other)).accepted
    desk.wait(1)
    assert desk.groups[group(other)].restricted
    assert hides(desk, "f2")


def test_an_open_group_is_not_hidden_because_a_report_is_remembered_no_more() -> None:
    desk = Desk()
    first = desk.say("f1", SPINS)
    for key in list(desk.state[KEPT]):
        del desk.state[KEPT][key]
    desk.say("f2", SPINS_TOO)
    assert not desk.groups[group(first)].restricted


def aged(desk: Desk) -> None:
    """Have the state as a program stored it that knew of groups only, and begin anew from it."""
    for key, told in desk.state[TOLD].items():
        where = key.partition("|")[0]
        told.restricted = told.restricted and not where.endswith(RESTRICTED)
        told.counted = False
        desk.state[TOLD].touch(key)
    for key in desk.state[REPORTS]:
        desk.state[REPORTS][key].restricted = None
        desk.state[REPORTS].touch(key)
    desk.restart()


@pytest.mark.parametrize("remembered", [True, False])
def test_what_an_older_program_stored_is_read(remembered: bool) -> None:  # noqa: FBT001 - a case
    desk = Desk()
    hidden, opened = desk.say("f1", INJECTION), desk.say("f2", SPINS)
    relabel(desk, "c1", "security", "f2")
    relabel(desk, "c2", "functional_bug", "f1")
    if not remembered:
        for key in list(desk.state[KEPT]):
            del desk.state[KEPT][key]
    aged(desk)
    desk.say("f3", INVOICE)
    desk.wait(1)
    for _ in range(2):
        partition, _ = desk.stage._of(desk.state)
        assert partition.restriction.of(hidden.place + RESTRICTED, group(hidden)) is not remembered
        assert partition.restriction.of(opened.place, group(opened))
        desk.restart()


def test_a_report_of_an_older_program_says_that_it_does_not_know() -> None:
    desk = Desk()
    desk.say("f1", SPINS)
    (stored,) = (one for _, one in desk.state[REPORTS].items())
    assert StoredReport.decode(stored.encode()) == stored
    plain = stored.encode().replace(b',"restricted":false', b"")
    length = int.from_bytes(plain[:4]) - len(b',"restricted":false')
    assert StoredReport.decode(length.to_bytes(4) + plain[4:]).restricted is None


def test_what_is_refused_changes_nothing_though_an_older_program_stored_the_state() -> None:
    desk = Desk()
    desk.say("f1", INJECTION)
    aged(desk)
    before = desk.state.changes
    desk.stage._of(desk.state)
    assert desk.state.changes == before
    desk.wait(1)
    assert desk.state.changes > before


TEXTS = (SPINS, SPINS_TOO, INVOICE, INJECTION, INJECTION_TOO, "The voucher is refused", "\u202eسلة 🛒 \u200b", "0")


@dataclass(frozen=True)
class Doing:
    """One thing that a person does, to feedback and groups named by number."""

    action: str
    one: int
    other: int


DOINGS = st.lists(
    st.builds(
        Doing,
        st.sampled_from(
            ["security", "usability", "merge", "split", "move", "take_back", "take_back", "say", "restart"]
        ),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    max_size=14,
)


def do(desk: Desk, number: int, doing: Doing, done: list[str]) -> None:
    names = sorted(desk.feedback)
    one, other = names[doing.one % len(names)], names[doing.other % len(names)]
    bodies: dict[str, dict[str, Any]] = {
        "merge": {"group": group(desk.feedback[one]), "into": group(desk.feedback[other])},
        "split": {"group": group(desk.feedback[one]), "feedback": [one]},
        "move": {"feedback": [one], "into": group(desk.feedback[other])},
        "take_back": {"command": done[doing.one % len(done)] if done else "none"},
    }
    body = bodies.get(doing.action, {"feedback": list({one: None, other: None}), "category": doing.action})
    action = {"merge": "merge_groups", "split": "split_group", "move": "move_feedback", "take_back": "take_back"}
    if doing.action == "restart":
        desk.restart()
    elif doing.action == "say":
        desk.say(f"n{number}", TEXTS[doing.one])
    elif desk.command(f"c{number}", action.get(doing.action, "relabel"), **body).accepted:
        done.append(f"c{number}")
    desk.wait(1)


def whole(desk: Desk, name: str) -> str:
    """The group that a group is part of, by way of others perhaps."""
    while (into := desk.groups[name].merged_into) is not None:
        name = into
    return name


def check(desk: Desk) -> None:
    """What everybody was told last of groups is what follows from what they were told of feedback."""
    restricted = {group(one) for name, one in desk.feedback.items() if is_restricted(desk, name)}
    for name, told in desk.groups.items():
        assert told.restricted == (whole(desk, name) in restricted), name
    for name, one in desk.feedback.items():
        assert hides(desk, name) == (group(one) in restricted), name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(TEXTS) - 1), min_size=3, max_size=6), DOINGS)
def test_after_any_decisions_few_may_read_what_holds_a_restricted_report_and_nothing_else(
    texts: list[int], doings: list[Doing]
) -> None:
    desk, done = Desk(), list[str]()
    for number, text in enumerate(texts):
        desk.say(f"f{number}", TEXTS[text])
    for number, doing in enumerate(doings):
        do(desk, number, doing, done)
        check(desk)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, len(TEXTS) - 1), min_size=3, max_size=6), DOINGS)
def test_a_restart_anywhere_changes_nothing_of_that(texts: list[int], doings: list[Doing]) -> None:
    told = []
    for restarts in (False, True):
        desk, done = Desk(), list[str]()
        for number, text in enumerate(texts):
            desk.say(f"f{number}", TEXTS[text])
        for number, doing in enumerate(doings):
            do(desk, number, doing, done)
            if restarts:
                desk.restart()
        told.append([one.encode() for one in desk.told])
    assert told[0] == told[1]


def test_two_weaknesses_that_name_the_same_thing_are_two_groups() -> None:
    desk = Desk()
    stolen = desk.say("f1", "Security: somebody paid with my card, my wallet was taken over and nothing warned me")
    script = desk.say("f2", "Vulnerability: the payment page runs a script in the card field, anyone could steal it")
    again = desk.say(
        "f3", "A vulnerability: your payment page runs a script from the card field, anyone could steal it"
    )
    assert all(is_restricted(desk, name) for name in ("f1", "f2", "f3"))
    assert group(stolen) != group(script), "a subject such as cards is what does not work, and no weakness"
    assert group(again) == group(script)
