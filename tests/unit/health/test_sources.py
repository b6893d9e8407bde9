"""A source that stops is noticed, one that comes and goes is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.windows import CODED, LEAF_WIDTH
from processors.health.sources import EXPECTED, HEARD, MOST, Source, Sources
from processors.health.totals import LeafBlock, Window
from processors.runtime import metrics
from processors.runtime.tables import State

START = 1_781_524_800
WARM = [50.0] * 70


def fed(calls: list[float], start: int = START) -> Source:
    source = Source(start, start)
    for number, some in enumerate(calls):
        if some:
            source.hear(start + 10 * (number + 1), some)
    return source


@pytest.mark.parametrize(("silent_s", "expected"), [(50, 0.0), (60, 300.0), (600, 3_000.0)])
def test_what_is_missing_is_what_used_to_come(silent_s: int, expected: float) -> None:
    source = fed(WARM)
    assert source.missing(source.until + silent_s) == pytest.approx(expected)


def test_a_slow_source_is_waited_for_until_its_absence_says_something() -> None:
    source = fed([1.0] * 300)
    silent_s = next(s for s in range(10, 3_600, 10) if source.missing(source.until + s))
    assert source.missing(source.until + silent_s) >= EXPECTED
    assert silent_s < 300


def test_a_new_source_is_not_judged() -> None:
    source = fed([50.0] * 20)
    assert source.missing(source.until + 300) == 0


def test_one_that_comes_every_ten_minutes_may_be_silent_for_ten_minutes() -> None:
    source = fed(([200.0] + [0.0] * 59) * 12)
    assert source.missing(source.until + 600) == 0
    assert source.missing(source.until + 1_200) == 0
    assert source.missing(source.until + 2_000) > 0


def test_a_source_that_was_taken_away_is_not_missed_for_ever() -> None:
    source = fed(WARM)
    assert source.missing(source.until + 3_600) > 0
    assert source.missing(source.until + 86_400) == 0


def test_pods_that_left_make_room_and_what_finds_none_is_counted() -> None:
    sources = Sources(State((HEARD,)))

    def heard(name: str, start: int) -> None:
        rows = np.zeros((1, LEAF_WIDTH), np.int64)
        rows[0, len(CODED)] = 5
        values = tuple((name,) if attribute == "instance" else ("x",) for attribute in CODED)
        sources.take("p", Window(start, leaves=[LeafBlock(values, rows)]))

    def capped() -> float:
        return metrics.REGISTRY.get_sample_value("hypercare_capped_total", {"what": "source"}) or 0.0

    before = capped()
    for number in range(MOST + 3):
        heard(f"pod-{number}", START + 10 * number)
    assert capped() - before == 3
    heard("pod-new", START + 2 * 86_400)
    assert capped() - before == 3, "those of the day before yesterday are gone"


@given(st.lists(st.just(0.0) | st.floats(1, 500), max_size=120))
def test_a_restored_source_is_the_same(calls: list[float]) -> None:
    source = fed(calls)
    assert HEARD.decode(HEARD.encode(source)) == source
