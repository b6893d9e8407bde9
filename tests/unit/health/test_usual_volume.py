"""Drops, surges and silence against the hour of the week: no rhythm is a fault, and a fault at the peak is none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.health.totals import Totals
from processors.health.usual.memories import TABLES, WHOLE, Memories
from processors.health.usual.profile import Profile
from processors.runtime.tables import State
from producers.simulate.world import rhythm
from tests.unit.health.rhythms import DAY, HOUR, MONDAY, ROUTE, WEEK, Rate, Watched, office

pytestmark = pytest.mark.slow


def shop(at: int) -> float:
    return 20.0 * rhythm(datetime.fromtimestamp(at, UTC))


def nightly(at: int) -> float:
    """A batch that runs from two to three, and nothing else."""
    return 80.0 if 2 * HOUR <= at % DAY < 3 * HOUR else 0.0


def learned(rate: Rate, seconds: int) -> Watched:
    watched = Watched()
    for _ in watched.run(seconds, rate):
        pass
    return watched


@pytest.mark.parametrize("rate", [shop, office, nightly])
def test_neither_nights_nor_mornings_nor_weekends_are_faults_once_a_day_is_known(rate: Rate) -> None:
    watched = learned(rate, DAY)
    assert list(watched.run(14 * DAY, rate)) == []


def test_the_first_day_of_a_steady_rhythm_is_quiet() -> None:
    assert list(Watched().run(DAY, shop)) == []


@pytest.fixture(scope="module")
def at_the_peak() -> Watched:
    """A week and a day and a half of office hours: Tuesday, noon has passed."""
    return learned(office, WEEK + DAY + 14 * HOUR)


def kinds(watched: Watched, seconds: int, rate: Rate) -> set[tuple[bool, str]]:
    return {(key == WHOLE, alarm.kind) for _, key, alarm in watched.run(seconds, rate)}


def restored(watched: Watched) -> Watched:
    """The same, from what was stored."""
    copy = Watched(seed=7, start=watched.now)
    copy.state = State(TABLES)
    for spec in TABLES:
        for key, value in watched.state[spec].items():
            copy.state[spec].restore(key, spec.encode(value))
    copy.memories = Memories(copy.state)
    copy.routes = {key: type(state).decode(state.encode()) for key, state in watched.routes.items()}
    return copy


def test_a_drop_at_the_peak_is_found_within_three_minutes(at_the_peak: Watched) -> None:
    watched = restored(at_the_peak)
    found = list(watched.run(180, lambda at: office(at) * 0.4))
    assert {(key == WHOLE, alarm.kind) for _, key, alarm in found} == {(True, "volume_drop"), (False, "volume_drop")}
    _, _, alarm = found[-1]
    assert alarm.caveats == ()
    assert alarm.confidence > 0.9
    assert 0.8 * 12 * 60 < alarm.expected < 1.2 * 12 * 60


def test_a_drop_of_the_project_is_still_told_after_three_hours(at_the_peak: Watched) -> None:
    watched = restored(at_the_peak)
    last = list(watched.run(3 * HOUR, lambda at: office(at) * 0.3))[-1]
    assert watched.now - MONDAY - last[0] < 60
    assert last[1] == WHOLE


def test_a_surge_is_found_and_twice_as_many_is_none(at_the_peak: Watched) -> None:
    assert kinds(restored(at_the_peak), 600, lambda at: office(at) * 2) == set()
    assert kinds(restored(at_the_peak), 180, lambda at: office(at) * 4) == {
        (True, "volume_surge"),
        (False, "volume_surge"),
    }


def test_silence_of_one_route_is_an_outage_while_others_go_on(at_the_peak: Watched) -> None:
    watched = restored(at_the_peak)
    alarms = [a for _ in range(12) for a in watched.window({("/other", "s"): Totals(outcomes={"ok": 60})})]
    assert {key for key, _ in alarms} == {ROUTE}
    assert alarms[-1][1].kind == "outage"


def test_a_route_that_fell_silent_at_night_is_missed_in_the_morning() -> None:
    watched = Watched()
    other = {("/other", "s"): 50}

    def run(seconds: int, *, silent: bool) -> set[str]:
        found: set[str] = set()
        for _ in range(seconds // 10):
            calls = {key: Totals(outcomes={"ok": n}) for key, n in other.items()}
            n = int(watched.dice.poisson(office(watched.now)))
            if n and not silent:
                calls[ROUTE] = Totals(outcomes={"ok": n})
            found |= {alarm.kind for key, alarm in watched.window(calls) if key == ROUTE}
        return found

    run(DAY, silent=False)
    assert run(WEEK + 3 * HOUR, silent=False) == set()
    assert run(5 * HOUR, silent=True) == set(), "three calls in ten seconds are missed by nobody"
    assert run(HOUR, silent=True) == {"outage"}


def test_a_holiday_is_told_once_for_the_project_and_not_for_each_route() -> None:
    watched = Watched()
    names = [(f"/r{n}", "s") for n in range(6)]

    def run(seconds: int, share: float) -> set[bool]:
        found: set[bool] = set()
        for _ in range(seconds // 10):
            drawn = watched.dice.poisson(share * office(watched.now), len(names))
            calls = {key: Totals(outcomes={"ok": int(n)}) for key, n in zip(names, drawn, strict=True) if n}
            found |= {key == WHOLE for key, _ in watched.window(calls)}
        return found

    run(DAY, 1.0)
    assert run(6 * DAY, 1.0) == set()
    holiday = run(7 * HOUR, 1.0) | run(2 * HOUR, 3 / 60)
    assert holiday == {True}


def test_what_has_no_habits_is_not_judged() -> None:
    """Bursts at any time, as of a batch that runs when it likes."""
    watched = Watched()
    on = watched.dice.random(4 * WEEK // 600) < 0.3

    def bursts(at: int) -> float:
        return 80.0 if on[(at - MONDAY) // 600] else 1.0

    for _ in watched.run(2 * WEEK, bursts):
        pass
    assert list(watched.run(WEEK, bursts)) == []


@pytest.mark.parametrize("every", [900, 1_500, 2_400])
def test_a_burst_that_ends_is_no_drop_on_the_first_day(every: int) -> None:
    def bursts(at: int) -> float:
        return 60.0 if at % every < 240 else 8.0

    assert list(Watched().run(8 * HOUR, bursts)) == []


def test_a_drop_between_bursts_is_one_once_lulls_are_known() -> None:
    def bursts(at: int) -> float:
        return 60.0 if at % 900 < 240 else 30.0

    watched = learned(bursts, HOUR)
    assert kinds(watched, 600, lambda at: bursts(at) * 0.15) == {(True, "volume_drop"), (False, "volume_drop")}


def test_what_is_not_known_is_said() -> None:
    watched = learned(lambda _: 50.0, HOUR)
    (first, *_) = watched.run(180, lambda _: 15.0)
    assert first[2].confidence < 0.9
    assert "not known yet" in first[2].caveats[0]


profiles = st.lists(st.tuples(st.integers(1, 40), st.floats(0, 500)), max_size=60)


@settings(max_examples=50)
@given(profiles, st.lists(st.floats(0, 500), min_size=1, max_size=20))
def test_a_restored_profile_goes_on_as_if_nothing_had_happened(
    past: list[tuple[int, float]], coming: list[float]
) -> None:
    profile, at = Profile(), MONDAY
    for bins, rate in past:
        for _ in range(bins):
            at += 300
            profile.take(at, rate)
    again = Profile.decode(profile.encode())
    for rate in coming:
        at += 300
        profile.take(at, rate)
        again.take(at, rate)
        assert profile.expected(at, rate) == again.expected(at, rate)
    assert profile == again


def test_hours_of_a_profile_begin_on_monday() -> None:
    watched = learned(office, WEEK + HOUR)
    ((_, whole), *_) = watched.memories.of("t/p/e")
    hours = whole.profile.hours()
    assert (hours[10] or 0) > 50
    assert (hours[12] or 0) < 30
    assert (hours[5 * 24 + 10] or 99) < 5
