"""Calls that came too late to be judged are told, and never taken for an all-clear."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from hypercare.late import JUDGED_FOR_S, late_before, late_sums, nothing_found, shipped_late
from hypercare.print_summary import print_summary
from hypercare.stage_health import StageLine, next_thing, numbers
from hypercare.summary_rows import Summary
from hypercare.worker_pages import Sample

ALL_CLEAR = "Nothing was found to be out of the ordinary"


def summary(*, calls: int, late: int) -> Summary:
    return Summary(
        calls=calls,
        first="2026-06-15T09:00:00Z",
        last="2026-06-15T09:30:00Z",
        outcomes=[],
        busiest=[],
        failing=[],
        slowest=[],
        failing_groups=[],
        findings=[],
        feedback=0,
        channels=[],
        languages=[],
        categories=[],
        linked=0,
        problems=[],
        searched="",
        found_total=0,
        found=[],
        dead_letters=0,
        reasons=[],
        late=late,
    )


def printed(found: Summary) -> str:
    text = StringIO()
    print_summary(Console(file=text, width=400), found)
    return text.getvalue()


def test_a_summary_is_no_all_clear_where_most_came_too_late() -> None:
    said = printed(summary(calls=3_000, late=2_900))
    assert ALL_CLEAR not in said
    assert "2,900 of 3,000 calls" in said
    assert "--replay-at" in said
    assert f"{ALL_CLEAR}." in printed(summary(calls=3_000, late=0))
    few = printed(summary(calls=3_000, late=7))
    assert "in what came in time; 7 of 3,000 calls" in few


@given(late=st.integers(1, 10_000), more=st.integers(0, 10_000))
def test_whatever_was_late_is_said(late: int, more: int) -> None:
    said = nothing_found(late, late + more)
    assert f"{late:,} of {late + more:,}" in said
    assert (ALL_CLEAR in said) is (late < (late + more) / 2)


def test_a_shipper_says_how_many_and_what_to_do() -> None:
    assert shipped_late(0, 0, 5) == []
    said = " ".join(shipped_late(4, 0, 5))
    assert "4 of 5 calls" in said
    assert "--replay-at now" in said
    assert "baseline import" in said
    assert "count as now" not in said
    assert "3 of them are older than 7 days" in " ".join(shipped_late(4, 3, 5))


def test_late_begins_where_a_window_may_be_closed() -> None:
    late, old = late_before(1_781_513_400 + JUDGED_FOR_S)
    assert late == b"2026-06-15T08:50:00"
    assert old == b"2026-06-08T08:50:15"


@pytest.mark.parametrize(("count", "said"), [(0, ""), (540, "540 sums of calls came too late")])
def test_status_tells_sums_that_came_too_late(count: int, said: str) -> None:
    found = numbers([Sample("hypercare_late_sums_total", {}, float(count))])
    assert found.late_sums == count
    line = next_thing(StageLine("health", "running", 0, 0, "", late_sums=found.late_sums), "x.log")
    assert line == late_sums(count)
    assert line.startswith(said)
    assert bool(line) == bool(said)
