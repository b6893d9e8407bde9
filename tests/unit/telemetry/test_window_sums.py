"""What a range of calls adds to the windows of their projects."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.calls import EnrichedCall
from contracts.limits import MAX_EVENT_BYTES
from contracts.windows import CODED, GOOD_SAMPLE, MAX_SERIES, SourceRange, WindowSums
from processors.runtime import metrics
from processors.telemetry.histogram import histograms
from processors.telemetry.window_sums import ALL_UP_TO, WindowSummer

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
COVERED = SourceRange(topic="calls", partition=3, generation=1, flush="f", first=0, last=9)


def call(number: int, **changes: Any) -> EnrichedCall:
    said: dict[str, Any] = {
        "id": f"call-{number}",
        "occurred_at": NOON + timedelta(seconds=number),
        "request": {"route": "/orders", "method": "GET"},
        "response": {"status": 200, "bytes": 100},
        "upstream": {"service": "orders"},
        "latency": {"total_ms": 20.0, "upstream_ms": 15.0},
        "outcome": "ok",
    }
    return EnrichedCall.model_validate(said | changes)


def summed(*calls: EnrichedCall) -> list[WindowSums]:
    summer = WindowSummer()
    for one in calls:
        summer.add("calls", 3, one)
    taken = list(summer.take(COVERED))
    assert list(summer.take(COVERED)) == [], "taken sums count from zero"
    return [WindowSums.model_validate_json(sums.encode()) for sums in taken]


def test_calls_of_ten_seconds_are_one_row() -> None:
    first, second = summed(call(0), call(9), call(10, outcome="upstream_error", response={"status": 502}))
    assert (first.occurred_at, second.occurred_at) == (NOON, NOON + timedelta(seconds=10))
    (orders,) = first.series
    assert orders.outcomes == {"ok": 2}
    assert orders.bytes == 200
    assert [(e.caller, e.upstream, e.calls, e.latency_us, e.bytes) for e in first.edges] == [
        ("", "orders", 2, 30_000, 200)
    ]
    assert orders.latency == next(histograms([[20.0] * 2]))
    (failed,) = second.series
    assert (failed.outcomes, failed.statuses) == ({"upstream_error": 1}, {502: 1})


def test_callers_are_edges_and_not_series() -> None:
    (window,) = summed(call(0), call(1, caller={"service": "web"}, rows=7), call(2, caller={"service": "web"}))
    (orders,) = window.series
    assert orders.outcomes == {"ok": 3}
    assert orders.latency == next(histograms([[20.0] * 3]))
    assert {(e.caller, e.upstream): (e.calls, e.rows) for e in window.edges} == {
        ("", "orders"): (1, 0),
        ("web", "orders"): (2, 7),
    }


def test_projects_and_environments_are_kept_apart() -> None:
    calls = [call(0), call(1, project="other"), call(2, environment="staging"), call(3, tenant="another")]
    assert Counter((s.tenant, s.project, s.environment) for s in summed(*calls)) == {
        ("default", "default", "production"): 1,
        ("default", "other", "production"): 1,
        ("default", "default", "staging"): 1,
        ("another", "default", "production"): 1,
    }


def test_every_failed_call_is_a_leaf_and_good_ones_are_weighed() -> None:
    good = [call(n % 10, id=f"good-{n}") for n in range(4_000)]
    bad = [call(1, id=f"bad-{n}", outcome="timeout", response={"status": 504}) for n in range(7)]
    (window,) = summed(*good, *bad)
    assert window.rows[:, len(CODED) + 1].sum() == 7
    weighed = window.rows[:, len(CODED)].sum() - 7
    assert (weighed - ALL_UP_TO) % GOOD_SAMPLE == 0
    assert abs(weighed - 4_000) < 5 * math.sqrt(4_000 * (GOOD_SAMPLE - 1)), "five standard deviations of the sample"


def test_a_small_project_is_seen_exactly() -> None:
    (window,) = summed(*(call(n % 10, id=f"good-{n}") for n in range(ALL_UP_TO)))
    assert window.rows[:, len(CODED)].sum() == ALL_UP_TO


def test_a_leaf_spells_out_what_the_call_was() -> None:
    bad = call(
        1,
        outcome="timeout",
        response={"status": 504},
        consumer="web",
        release="2.0",
        gateway={"instance": "edge-1"},
        user_agent={"browser": "Safari", "os": "iOS", "device": "mobile"},
        client={"geo": {"country_iso": "DE"}},
    )
    (window,) = summed(bad)
    (leaf,) = window.rows.tolist()
    found = {name: window.values[n][code] for n, (name, code) in enumerate(zip(CODED, leaf, strict=False))}
    assert found == {
        "route": "/orders", "method": "GET", "upstream": "orders", "consumer": "web", "browser": "Safari",
        "os": "iOS", "device": "mobile", "country": "DE", "release": "2.0", "instance": "edge-1",
        "failure": "none:504",
    }  # fmt: skip
    assert leaf[len(CODED) :] == [1, 1, 0, 0, 0, 0, 0]


def test_a_clock_that_is_behind_does_not_hold_the_low_mark_back() -> None:
    behind = call(0, occurred_at=NOON - timedelta(minutes=5))
    windows = summed(behind, *(call(n) for n in range(30)))
    low = {datetime.fromtimestamp(w.low_at_ms / 1000, UTC) for w in windows}
    assert len(low) == 1
    assert NOON <= low.pop() <= NOON + timedelta(seconds=3)


@given(st.lists(st.floats(0.001, 86_400_000), min_size=1), st.lists(st.floats(0.001, 86_400_000)))
def test_every_duration_is_within_one_per_cent_of_its_buckets_middle(some: list[float], others: list[float]) -> None:
    g = 1.01 / 0.99
    for given_ms, histogram in zip((some, others), histograms([some, others]), strict=True):
        middles = [2 * g**bucket / (g + 1) for bucket, count in sorted(histogram.items()) for _ in range(count)]
        assert len(middles) == len(given_ms)
        assert all(abs(middle - ms) <= 0.010001 * ms for middle, ms in zip(middles, sorted(given_ms), strict=True))


@given(st.sampled_from(("/x", "/\U0001f9ff", '/"\\')), st.integers(1, 400))
@settings(max_examples=12)
def test_whatever_calls_carry_the_messages_fit_and_count_everything(letter: str, length: int) -> None:
    summer, number = WindowSummer(), 2_200
    before = capped("series"), capped("edge")
    for n in range(number):
        long = f"{n}{letter * length}"
        said = {
            "outcome": "timeout", "response": {"status": 504}, "latency": {"total_ms": 1.1 ** (n % 180)},
            "request": {"route": long}, "upstream": {"service": long[:300]}, "caller": {"service": long[:300]},
            "consumer": long[:300], "release": long[:300], "gateway": {"instance": long[:300]},
        }  # fmt: skip
        summer.add("calls", 3, call(n, occurred_at=NOON, **said))
    taken = list(summer.take(COVERED))
    assert max(len(sums.encode()) for sums in taken) < MAX_EVENT_BYTES
    read = [WindowSums.model_validate_json(sums.encode()) for sums in taken]
    assert len({sums.id for sums in read}) == len(read)
    assert sum(series.calls for sums in read for series in sums.series) == number
    assert sum(edge.calls for sums in read for edge in sums.edges) == number
    assert sum(sums.rows[:, len(CODED) + 1].sum() for sums in read) == number
    assert capped("series") - before[0] == number - MAX_SERIES + 1
    assert capped("edge") - before[1] == 1, "what was capped as a series comes as one edge"


def capped(what: str) -> float:
    return metrics.REGISTRY.get_sample_value("hypercare_capped_total", {"what": what}) or 0.0
