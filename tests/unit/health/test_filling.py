"""When a resource will be used up is told in time, within its interval, and not of what only goes up and down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.findings import Finding
from processors.health.signals.filling import FILLINGS, Filling
from tests.unit.health.test_signals import NINE, Watch, cause

MINUTE, HOUR = 60, 3_600
LIMIT = 0.8
"""What was agreed there."""
Use = Callable[[float], float]


def told(use: Use, seconds: int, resource: str = "disk", watch: Watch | None = None) -> Iterator[Finding]:
    """What is said, where each minute is reported, with noise of half a per cent."""
    watch, dice = watch or Watch(), Random(3)
    for at in range(0, seconds, MINUTE):
        used = min(1.0, max(0.0, use(at) + dice.gauss(0, 0.005)))
        yield from watch.say(at, "resources", instance="db-1", used={resource: round(used, 3)})
        yield from watch.tick(at + 1)


def when(finding: Finding) -> tuple[float, float, float]:
    """The moments of the earliest, the likeliest and the latest breach, in seconds from the beginning."""
    at, said = (finding.evidence.until - NINE).total_seconds(), finding.evidence
    assert said.breach_s is not None
    assert said.earliest_s is not None
    return at + said.earliest_s, at + said.breach_s, at + (math.inf if said.latest_s is None else said.latest_s)


def test_a_disk_that_fills_within_hours_is_told_hours_before() -> None:
    first = next(told(lambda at: 0.3 + 0.05 * at / HOUR, 10 * HOUR))
    assert (first.kind, cause(first)) == ("forecast", {"upstream": "pay", "instance": "db-1", "resource": "disk"})
    earliest, middle, latest = when(first)
    assert (first.occurred_at - NINE).total_seconds() < 8 * HOUR
    assert earliest <= 10 * HOUR <= latest
    assert middle == pytest.approx(10 * HOUR, rel=0.25)
    assert "is used and it rises steadily; 80 % will be reached in" in first.sentence
    assert first.confidence < 0.9
    assert first.caveats


def test_a_disk_that_fills_within_minutes_is_told_minutes_before_it_is_full() -> None:
    found = list(told(lambda at: 0.4 + max(0.0, at - HOUR) * 0.4 / (30 * MINUTE), 100 * MINUTE))
    assert [finding.kind for finding in found if finding.state == "opened"] == ["forecast", "capacity"]
    earliest, _, latest = when(found[0])
    assert earliest <= 90 * MINUTE <= latest
    assert (found[0].occurred_at - NINE).total_seconds() < 80 * MINUTE


def test_a_forecast_from_hours_does_not_flicker() -> None:
    found = list(told(lambda at: 0.3 + 0.05 * at / HOUR, 9 * HOUR))
    assert [finding.state for finding in found if finding.state != "updated"] == ["opened"]


@pytest.mark.parametrize(
    ("resource", "use"),
    [
        ("cpu", lambda at: 0.45 - 0.2 * math.cos(2 * math.pi * at / (24 * HOUR))),
        ("memory", lambda at: 0.4 + 0.2 * (at % (2 * HOUR)) / (2 * HOUR)),
        ("disk", lambda _: 0.7),
        ("disk", lambda at: 0.5 + 0.15 * (at > 5 * HOUR)),
    ],
)
def test_days_heaps_levels_and_steps_are_no_leaks(resource: str, use: Use) -> None:
    assert list(told(use, 30 * HOUR, resource)) == []


def test_a_restart_changes_nothing() -> None:
    whole, halved = Watch(), Watch()

    def use(at: float) -> float:
        return 0.3 + 0.05 * at / HOUR

    dice = Random(5)
    for at in range(0, 9 * HOUR, MINUTE):
        used = {"disk": round(use(at) + dice.gauss(0, 0.005), 3)}
        if at == 5 * HOUR:
            halved.restart()
        assert whole.say(at, "resources", used=used) == halved.say(at, "resources", used=used)
    kept = [{key: FILLINGS.encode(value) for key, value in watch.state[FILLINGS].items()} for watch in (whole, halved)]
    assert kept[0] == kept[1] != {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7_200), st.floats(0, 1)), max_size=80), st.integers(0, 80))
def test_whatever_is_reported_it_survives_and_goes_on_the_same(reports: list[tuple[int, float]], at: int) -> None:
    one, now = Filling(), 1_781_524_800
    for number, (later, used) in enumerate(reports):
        if number == at:
            one = Filling.decode(one.encode())
        before, now = now, now + later
        one.take(now, used)
        breach = one.breach(now, before, 0.9, "disk")
        assert breach is None or (0 <= breach.earliest_s <= breach.breach_s)
        assert breach is None or breach.latest_s is None or breach.breach_s <= breach.latest_s
    assert Filling.decode(one.encode()).encode() == one.encode()
