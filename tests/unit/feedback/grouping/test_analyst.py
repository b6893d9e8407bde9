"""What people decide is done once, kept, followed by what is like it, and taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from contracts.errors import Rejected
from processors.feedback.grouping.grouper import Grouper
from processors.feedback.grouping.stored import TABLES
from processors.runtime.tables import State
from tests.unit.feedback.grouping.said import PROJECT, START, grouper, report, restarted, stream

LAMP = "The lamp arrived with a scratch on its base"
HOSE = "The garden hose leaks at its brass nozzle"
BELL = "Our door bell keeps ringing at night"


def told(working: Grouper) -> dict[str, str]:
    index = working.memory.project(PROJECT)
    return {name: index.group_of(name) for name in index.reports}


def three() -> tuple[Grouper, str, str]:
    """Two reports of a lamp in one group, one of a hose in another."""
    working = grouper()
    lamp = working.place(report(0, LAMP)).group
    assert working.place(report(1, LAMP + " again")).group == lamp
    hose = working.place(report(2, HOSE)).group
    return working, lamp, hose


def test_merged_groups_act_as_one_and_are_taken_apart_again() -> None:
    working, lamp, hose = three()
    before = told(working)
    (change,) = working.merge(PROJECT, lamp, hose, command="c1")
    assert (change.kind, change.group, change.others) == ("merged", lamp, (hose,))
    assert working.place(report(3, HOSE)).group == lamp
    group = working.group(PROJECT, hose, START)
    assert group is not None
    assert (group.id, group.reports, group.merged) == (lamp, 4, (hose,))
    assert working.take_back(PROJECT, "c1")
    assert {name: told(working)[name] for name in before} == before
    assert told(working)["3"] == lamp


def test_what_was_taken_apart_is_not_joined_by_a_rule_again() -> None:
    working, lamp, hose = three()
    working.merge(PROJECT, lamp, hose, command="c1")
    working.take_back(PROJECT, "c1")
    index = working.memory.project(PROJECT)
    assert hose in index.apart(lamp)
    working.merge(PROJECT, lamp, hose, command="c2")
    assert hose not in index.apart(lamp)


def test_what_is_like_a_report_that_was_split_off_follows_it() -> None:
    working = grouper()
    first = working.place(report(0, LAMP))
    for number in range(1, 4):
        assert working.place(report(number, f"{LAMP} {number}")).group == first.group
    (change,) = working.split(PROJECT, ["2", "3"], command="c1")
    assert told(working) == {"0": first.group, "1": first.group, "2": change.group, "3": change.group}
    after = working.place(report(4, f"{LAMP} 3"))
    assert after.group == change.group
    assert after.kind == "analyst"
    assert "person" in after.reason
    working.take_back(PROJECT, "c1")
    assert set(told(working).values()) == {first.group}  # and what came meanwhile went back with them
    group = working.group(PROJECT, first.group, START)
    assert group is not None
    assert group.reports == 5


def test_what_is_like_a_report_that_was_moved_follows_it() -> None:
    working, lamp, hose = three()
    working.move(PROJECT, "1", hose, command="c1")
    assert told(working) == {"0": lamp, "1": hose, "2": hose}
    assert working.place(report(5, LAMP + " again")).group == hose
    working.take_back(PROJECT, "c1")
    assert told(working)["1"] == lamp


def test_a_name_stays_until_it_is_taken_back() -> None:
    working, lamp, _ = three()
    before = working.group(PROJECT, lamp, START)
    working.rename(PROJECT, lamp, "Scratched lamps", command="c1")
    for number in range(10, 30):
        working.place(report(number, f"{LAMP} {number}"))
    group = working.group(PROJECT, lamp, START)
    assert group is not None
    assert group.title == "Scratched lamps"
    working.take_back(PROJECT, "c1")
    group = working.group(PROJECT, lamp, START)
    assert before is not None
    assert group is not None
    assert group.title == before.title


def test_a_command_works_once() -> None:
    working, lamp, hose = three()
    assert working.merge(PROJECT, lamp, hose, command="c1")
    assert working.merge(PROJECT, lamp, hose, command="c1") == ()
    assert working.take_back(PROJECT, "c1")
    assert working.take_back(PROJECT, "c1") == ()
    assert working.merge(PROJECT, lamp, hose, command="c1") == ()


def test_what_cannot_be_done_is_refused_with_its_reason() -> None:
    working, lamp, _ = three()
    refusals: tuple[tuple[Callable[[], object], str], ...] = (
        (lambda: working.merge(PROJECT, lamp, lamp, command="a"), "same_group"),
        (lambda: working.merge(PROJECT, lamp, "none", command="a"), "unknown_group"),
        (lambda: working.split(PROJECT, ["0", "1"], command="a"), "nothing_left"),
        (lambda: working.split(PROJECT, ["0", "2"], command="a"), "not_one_group"),
        (lambda: working.split(PROJECT, ["99"], command="a"), "unknown_report"),
        (lambda: working.split(PROJECT, [], command="a"), "number_of_reports"),
        (lambda: working.move(PROJECT, "0", lamp, command="a"), "same_group"),
        (lambda: working.rename(PROJECT, lamp, "  ", command="a"), "no_title"),
        (lambda: working.take_back(PROJECT, "a"), "unknown_command"),
    )
    for refused, reason in refusals:
        with pytest.raises(Rejected) as refusal:
            refused()
        assert refusal.value.reason == reason


class People(RuleBasedStateMachine):
    """Anything people may do in any order, with restarts: the same as without them, and never out of step."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.entries = State(TABLES), dict[bytes, bytes]()
        self.steady, self.broken = grouper(reports=25, groups=8), grouper(self.state, reports=25, groups=8)
        self.reports = stream(7, 200)
        self.commands = 0

    @rule(count=st.integers(1, 8))
    def write(self, count: int) -> None:
        for _ in range(count):
            if self.reports:
                each = self.reports.pop(0)
                assert self.steady.place(each) == self.broken.place(each)

    @precondition(lambda self: self.steady.memory.project(PROJECT).reports)
    @rule(data=st.data(), kind=st.sampled_from(["merge", "split", "move", "rename", "take_back"]))
    def decide(self, data: st.DataObject, kind: str) -> None:
        index = self.steady.memory.project(PROJECT)
        reports = data.draw(st.lists(st.sampled_from(sorted(index.reports)), min_size=1, max_size=4))
        groups = [index.group_of(name) for name in reports]
        self.commands += 1
        earlier = f"c{data.draw(st.integers(1, self.commands))}"
        said = []
        for working in (self.steady, self.broken):
            command = f"c{self.commands}"
            try:
                if kind == "merge":
                    done = working.merge(PROJECT, groups[0], groups[-1], command=command)
                elif kind == "split":
                    done = working.split(PROJECT, reports, command=command)
                elif kind == "move":
                    done = working.move(PROJECT, reports[0], groups[-1], command=command)
                elif kind == "rename":
                    done = working.rename(PROJECT, groups[0], f"Name {self.commands}", command=command)
                else:
                    done = working.take_back(PROJECT, earlier)
                said.append(str(done))
            except Rejected as refusal:
                said.append(refusal.reason)
        assert said[0] == said[1]

    @rule()
    def restart(self) -> None:
        self.state = restarted(self.state, self.entries)
        self.broken = grouper(self.state, reports=25, groups=8)

    @invariant()
    def groups_hold_their_reports(self) -> None:
        index = self.steady.memory.project(PROJECT)
        held = sorted(name for group in {index.group_of(n) for n in index.reports} for name in index.members(group))
        assert held == sorted(index.reports)
        for group in index.groups:
            assert index.root(group) == group
            words: dict[int, int] = {}
            for name in index.members(group):
                if index.reports[name].told:
                    for term in index.reports[name].telling:
                        words[term] = words.get(term, 0) + 1
            assert dict(index.profiles.counts(group)) == words


TestPeople = People.TestCase
TestPeople.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
