"""The list of incidents, and one of them, in words."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from contracts.errors import Stop
from contracts.incidents import Incident, Override
from hypercare.commands.incidents import incident_table
from hypercare.incidents.find import find
from hypercare.incidents.ranked import Which, age, length, ranked, rows
from hypercare.incidents.shown import shown
from processors.incidents.score import ranking
from tests.unit.incidents_made import NOON, at, checkout, erp, every, merged, weakness, wish


def table(incidents: list[Incident]) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(incident_table(rows(incidents, at(65))))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def told(incident: Incident) -> str:
    return "\n".join(f"{heading}: {line}" for heading, line in shown(incident))


def test_the_most_urgent_comes_first_and_what_rests_is_left_out() -> None:
    listed = ranked(every(), Which())
    assert [one.incident for one in listed] == ["inc-7c41aa", "inc-9d02bb", "inc-3e8f10", "inc-55d1e2"]
    assert [row.rank for row in rows(listed, NOON)] == [1, 2, 3, 4]


def test_with_all_the_open_ones_still_come_first_and_only_they_have_a_rank() -> None:
    listed = rows(ranked([merged(priority="P1"), *every()[:3]], Which(every=True)), NOON)
    assert [row.rank for row in listed] == [1, 2, 3, 0]
    assert listed[-1].state == "merged"


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Which(project="erp"), {"inc-9d02bb"}),
        (Which(tenant="nobody"), set()),
        (Which(environment="production", project="shop"), {"inc-7c41aa", "inc-3e8f10", "inc-55d1e2"}),
        (Which(states=("merged", "verifying")), {"inc-7c9000", "inc-9d02bb"}),
    ],
)
def test_only_what_is_meant_is_listed(which: Which, expected: set[str]) -> None:
    assert {one.incident for one in ranked(every(), which)} == expected


def test_a_person_s_priority_counts() -> None:
    lowered = checkout(priority="P5", override=Override(priority="P5", actor="ana", reason="test shop", at=NOON))
    listed = ranked([lowered, erp(), weakness()], Which())
    assert listed[-1] is lowered
    assert "P5 S1*" in table(listed)


@given(st.permutations(every()))
def test_the_order_does_not_depend_on_how_they_came(incidents: list[Incident]) -> None:
    listed = ranked(incidents, Which())
    assert listed == ranked(every(), Which())
    assert listed == sorted(listed, key=lambda one: ranking(one.score, one.priority, one.incident))


def test_the_table_says_what_where_how_many_and_since_when() -> None:
    text = table(ranked(every(), Which()))
    for word in ("inc-7c41aa", "P1 S1", "84", "triaged", "escalating", "180", "14", "65 min", "team-payments"):
        assert word in text, word
    assert "erp" in text, "several projects, so they are named"
    assert "erp" not in table([checkout()])


def test_texts_that_would_break_the_screen_do_not() -> None:
    hostile = "\x1b[31m[bold]red[/bold]\u202eevil\u0000\n" + "😀" * 300 + "a" * 5_000
    text = table([wish(title=hostile[:8_000], owner=hostile[:300])])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]red" in text.replace("\n", "")
    assert "\x1b" not in told(wish(title=hostile[:8_000], workaround=hostile[:8_000]))


def test_one_is_shown_with_everything_a_developer_needs_first() -> None:
    text = told(checkout())
    for said in (
        "P1 S1, 84 of 100, number 1 of its project",
        "a limit is exceeded.",
        "state version 2, revision 12, project shop",
        "upstream payments + browser Mobile Safari + os iOS",
        "blamed: third_party",
        "118 of 412 calls went wrong, 1.2 were usual",
        "180 users, 14 reports by 12 people",
        "2026-06-15 12:00 UTC, noticed 2 min later",
        "caused by 2.4.0 at 2026-06-15 11:54 UTC",
        "finding find-1, 99% sure, 118: 118 of 412 calls failed",
        "here because 12 of its reports are tied",
        "alert PaymentErrors, over",
        "POST /api/payments/{id} at payments: 502 upstream_error 502, 30 ms",
        f"trace {1:032x}",
        "f-1, in_app, call call-0 by trace: I cannot pay",
        "acknowledge by 2026-06-15 12:17 UTC: met 2026-06-15 12:04 UTC",
        "communicate by 2026-06-15 12:32 UTC: soon",
        "inc-1b77c0, closed",
        "pay on a computer",
        "Next: hypercare incidents start inc-7c41aa",
    ):
        assert said in text, said


def test_what_follows_and_how_long_it_has_to_stay_away() -> None:
    text = told(erp())
    for said in ("wait for it: orders, invoices", "symptom", "has to stay away 1 h 30 min", "verifying, regressed"):
        assert said in text, said
    assert "show inc-7c41aa" in told(merged())
    bare = wish(evidence=(), sentence="")
    assert "telemetry shows none" in told(bare)


def test_a_beginning_is_enough_where_only_one_has_it() -> None:
    assert find(every(), "inc-9").incident == "inc-9d02bb"
    assert find([checkout(), checkout(incident="inc-7c41aa2")], "inc-7c41aa").incident == "inc-7c41aa"
    with pytest.raises(Stop, match="may mean 2 incidents") as stopped:
        find(every(), "inc-7c")
    assert "inc-7c41aa  triaged" in stopped.value.problem
    for nothing in ("inc-0", ""):
        with pytest.raises(Stop, match="There is no incident"):
            find(every(), nothing)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 min"), (59, "0 min"), (3_900, "1 h 5 min"), (273_600, "3 d 4 h"), (-5, "0 min")]
)
def test_lengths_are_told_in_two_units(seconds: float, said: str) -> None:
    assert length(seconds) == said
    assert length(timedelta(seconds=seconds).total_seconds()) == said


@pytest.mark.parametrize(("seconds", "said"), [(-1, "0 min"), (7_199, "120 min"), (9_000, "2 h"), (200_000, "2 d")])
def test_an_age_has_one_unit(seconds: float, said: str) -> None:
    assert age(seconds) == said
