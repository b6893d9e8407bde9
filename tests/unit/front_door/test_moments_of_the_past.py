"""One way to write a moment of the past, wherever one is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Stop
from hypercare.commands.console import since, since_ms
from hypercare.incidents.ranked import Which, ranked
from tests.unit.front_door.pretended_stage import Run
from tests.unit.incidents_made import at, every

NOW = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("2h", NOW - timedelta(hours=2)),
        ("10:00", datetime(2026, 6, 15, 10, tzinfo=UTC)),
        ("9:05", datetime(2026, 6, 15, 9, 5, tzinfo=UTC)),
        ("12:00:30", datetime(2026, 6, 15, 12, 0, 30, tzinfo=UTC)),
        ("2026-06-15T09:00", datetime(2026, 6, 15, 9, tzinfo=UTC)),
        ("2026-06-14", datetime(2026, 6, 14, tzinfo=UTC)),
        ("2026-06-15T09:00:00+02:00", datetime(2026, 6, 15, 7, tzinfo=UTC)),
        ("", None),
    ],
)
def test_each_form(text: str, then: datetime | None) -> None:
    assert since(text, NOW) == then
    assert since_ms(text, NOW) == (int(then.timestamp() * 1000) if then else 0)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=14)))
    assert since(text, elsewhere) == then, "today is that of UTC"


@pytest.mark.parametrize(
    "text", ["yesterday", "25:00", "12:75", "13:00", "2026-13-01", "2h ", "\uff11\uff10:00", "x" * 10**6]
)
def test_anything_else_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(Stop) as refused:
        since(text, NOW)
    assert "10:00 (today, UTC)" in str(refused.value.fix)


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = since(text, NOW)
    except Stop:
        return
    assert found is None or found <= NOW or text == "now"


def test_the_list_since_a_moment() -> None:
    everything = list(every())
    known = {one.incident for one in ranked(everything, Which(every=True))}
    late = {one.incident for one in ranked(everything, Which(every=True, since=at(5)))}
    assert late == {one.incident for one in everything if max(one.last_evidence_at, one.opened_at) >= at(5)}
    assert not ranked(everything, Which(every=True, since=at(60 * 24 * 365)))
    assert late <= known


def test_the_command_says_what_it_takes(hypercare: Run) -> None:
    assert "No incident like that" in hypercare("incidents", "list", "--since", "0s").out
    assert "inc-9d02bb" in hypercare("incidents", "list", "--since", "2026-06-15T09:00").out
    refused = hypercare("incidents", "list", "--since", "later")
    assert (refused.code, "not a time of the past" in refused.err) == (2, True)


def test_incidents_of_two_projects_are_not_merged_and_the_projects_named(hypercare: Run) -> None:
    projects = {one.incident: one.project for one in every()}
    one = "inc-9d02bb"
    other = next(name for name, project in projects.items() if project != projects[one])
    refused = hypercare("incidents", "merge", one, other)
    said = " ".join(refused.err.split())
    assert refused.code == 1
    assert f"{one} is one of {projects[one]}, {other} one of {projects[other]}" in said
