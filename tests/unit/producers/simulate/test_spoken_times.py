"""A time that somebody mentions is that of what was met, by the writer's own clock, as people round and remember it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.simulate.people.crowd import people
from producers.simulate.people.person import person
from producers.simulate.people.spoken_times import Told, hours_east, told
from producers.simulate.people.wordings.times import TIMES, Part
from producers.simulate.people.wordings.tongues import TONGUES, Language
from producers.simulate.scenario import scenario

SUMMER = int(datetime(2026, 6, 15, 9, 7, 40, tzinfo=UTC).timestamp() * 1000)
WINTER = int(datetime(2026, 1, 15, 9, 7, 40, tzinfo=UTC).timestamp() * 1000)
MINUTE, HOUR = 60_000, 3_600_000
CLOCK = re.compile(r"(\d{1,2})[:h](\d\d)")


def say(language: Language, lag_ms: int, number: int, country: str = "DE") -> Told:
    return told(person(1, "somebody", country, (language,)), SUMMER, SUMMER + lag_ms, Random(number))


def spread(language: Language, lag_ms: int, number: int) -> tuple[Told, int]:
    """What somebody says who met it at any time of an hour, and when that was."""
    met = SUMMER + number * 61_700 % HOUR
    return told(person(1, "somebody", "DE", (language,)), met, met + lag_ms, Random(number)), met


def off_minutes(said: Told, meant_ms: int) -> float:
    hour, minute = map(int, CLOCK.fullmatch(said.clock).groups())  # type: ignore[union-attr]
    local = datetime.fromtimestamp(meant_ms / 1000, UTC) + timedelta(hours=said.east)
    return abs(60 * hour + minute - (60 * local.hour + local.minute + local.second / 60))


def test_a_clock_shows_what_was_met_in_the_writers_own_zone_rounded_as_people_do() -> None:
    drawn = [spread("es", 20 * MINUTE, number) for number in range(600)]
    off = sorted(off_minutes(said, met) for said, met in drawn)
    assert 1 < median(off) <= 4
    assert off[550] > 8
    assert sum(error > 31 for error in off) / len(off) == pytest.approx(0.02, abs=0.02), "an hour out, a few"
    minutes = [int(said.clock[-2:]) for said, _ in drawn]
    assert 0.85 <= sum(minute % 5 == 0 for minute in minutes) / len(minutes) <= 0.97, "Rietveld: 85 to 95 %"


def test_memory_fails_more_the_longer_it_is_ago() -> None:
    def usual(lag_ms: int) -> float:
        return median(off_minutes(*spread("es", lag_ms, number)) for number in range(300))

    assert usual(6 * HOUR) > 3 * usual(5 * MINUTE)


def test_clocks_are_those_of_the_country_and_of_the_season() -> None:
    zones = {name: person(1, "p", name) for name in ("DE", "GB", "ES", "")}
    assert {name: hours_east(who, SUMMER) for name, who in zones.items()} == {"DE": 2, "GB": 1, "ES": 2, "": 2}
    assert {name: hours_east(who, WINTER) for name, who in zones.items()} == {"DE": 1, "GB": 0, "ES": 1, "": 1}
    americans = [person(1, f"p-{number}", "US") for number in range(200)]
    assert {hours_east(who, SUMMER) for who in americans} == {-4, -5, -6, -7}
    assert {hours_east(who, WINTER) for who in americans} == {-5, -6, -7, -8}


@pytest.mark.parametrize("language", TONGUES)
def test_few_say_when_it_was_and_more_of_those_who_write_late(language: Language) -> None:
    soon = [say(language, MINUTE, number).sentence for number in range(800)]
    late = [say(language, 2 * HOUR, number).sentence for number in range(800)]
    assert 0.02 < sum(map(bool, soon)) / 800 < 0.08
    assert 0.12 < sum(map(bool, late)) / 800 < 0.22
    assert set(soon) - {""} <= set(TIMES[language].just_now)
    assert not set(late) & set(TIMES[language].just_now)


@pytest.mark.parametrize("language", TONGUES)
@given(st.integers(0, 30 * HOUR), st.integers(0, 10_000))
def test_every_moment_can_be_said(language: Language, lag_ms: int, number: int) -> None:
    said = say(language, lag_ms, number)
    assert int(said.waited) >= 1
    assert said.clock
    assert said.part
    assert not set("{}") & set(said.clock + said.part + said.sentence)
    assert said == say(language, lag_ms, number)


@pytest.mark.parametrize("language", TONGUES)
def test_what_was_yesterday_is_said_to_be(language: Language) -> None:
    times = TIMES[language]
    assert set(times.parts) == set(get_args(Part))
    late = {say(language, 26 * HOUR, number).part for number in range(20)}
    assert late <= {times.parts["morning"][1], times.parts["afternoon"][1]}
    assert {say(language, HOUR, number).part for number in range(20)} == {times.parts["morning"][0]}


def test_so_long_ago_is_about_so_long_ago() -> None:
    found = [
        int(match[1])
        for number in range(3_000)
        if (match := re.search(r"(\d+) minutes ago", say("en", 20 * MINUTE, number).sentence))
    ]
    assert len(found) > 100
    assert 18 <= median(found) <= 22
    assert {minutes % 5 for minutes in found} == {0}


def test_what_people_write_about_a_call_names_its_own_time() -> None:
    start = datetime(2026, 6, 15, 9, tzinfo=UTC)
    made = scenario(
        "outage", seed=5, start=start, duration=timedelta(minutes=40), rate=20.0, onset=timedelta(minutes=5), users=900
    )
    calls = list(made.calls())
    at_ms = {orjson.loads(raw)["id"]: moment for moment, raw in calls}
    right, wrong = 0, 0
    for piece in people(made, calls, seed=5, per_problem=900, noise=0.1):
        said = CLOCK.search(orjson.loads(piece.raw)["text"])
        if piece.truth["call"] and piece.truth["language"] in {"de", "es", "fr"} and said:
            minutes = 60 * int(said[1]) + int(said[2])
            met = datetime.fromtimestamp(at_ms[piece.truth["call"]] / 1000, UTC) + timedelta(hours=2)
            close = abs(minutes - 60 * met.hour - met.minute) <= 20
            right, wrong = right + close, wrong + (not close)
    assert right >= 5
    assert wrong <= right / 4
