"""The time that a complaint names narrows down its calls, by the clock of whoever wrote it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.joining.complaint import hear
from processors.feedback.joining.complaints import OPEN, Open
from processors.feedback.joining.joiner import TABLES, Joiner
from processors.feedback.joining.lags import EDGES, Lags
from processors.feedback.joining.mention import Mention
from processors.feedback.joining.said_when import said_when
from processors.feedback.joining.summer_time import HOURS_EAST, hours_east, is_summer
from processors.feedback.joining.time_reason import time_reason
from processors.feedback.joining.wall_clocks import CLOCKS, WallClocks, offset_of
from processors.runtime.tables import State
from tests.unit.feedback.joining.scene import AT, PROJECT, START, complaint, symptom
from tests.unit.feedback.joining.test_joiner import join, joiner

HOUR = 3_600.0
SPOKEN = {
    "en": "The payment failed at 11:31",
    "de": "Um 11:31 Uhr kam beim Bezahlen ein Fehler",
    "fr": "Le paiement a échoué, c'était à 11h31",
    "es": "No puedo pagar, falla, fue a las 11:31",
    "pt": "O pagamento falha, foi às 11h31",
    "zh": "11:31支付失败",
}
"""Berlin's clock shows 11:31 when it is 09:31 in UTC."""


def five_calls() -> Joiner:
    """One every ten minutes from nine in UTC on, the last two minutes before the words."""
    return joiner(*[symptom(f"c-{number}", 600 * number + 60) for number in range(6)])


@pytest.mark.parametrize("language", SPOKEN)
def test_of_calls_that_are_alike_the_one_at_the_time_that_is_named_comes_first(language: str) -> None:
    said = {"channel": "ticket", "country": "DE", "language": language}
    links = join(five_calls(), "f", HOUR, text=SPOKEN[language], **said)
    assert links.links[0].call == "c-3"
    (points,) = (one.points for one in links.links[0].evidence if one.name == "mentioned")
    assert points > 1
    plain = SPOKEN[language].replace("11:31", "").replace("11h31", "")
    assert join(five_calls(), "f", HOUR, text=plain, **said).links[0].probability < links.links[0].probability


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("The payment failed 20 minutes ago", "c-4"),
        ("The payment failed at 09:21 UTC", "c-2"),
        ("The payment fails since 11:21", "c-2"),
        ("payment failed, log says 2026-06-15T09:11:00Z", "c-1"),
        ("payment failed between 11:28 and 11:33", "c-3"),
        ("payment failed 10 minutes ago", "c-5"),
    ],
)
def test_whatever_way_it_is_said(text: str, call: str) -> None:
    links = join(five_calls(), "f", HOUR, text=text, channel="ticket", country="DE")
    assert links.links[0].call == call


def test_a_time_to_come_says_nothing() -> None:
    plain = join(five_calls(), "f", HOUR, channel="ticket", country="DE", text="The payment fails with an error")
    for text in ("The payment fails with an error. Meeting is at 13:30!", "The payment fails with an error at 13:30"):
        links = join(five_calls(), "f", HOUR, channel="ticket", country="DE", text=text)
        assert [(link.call, link.points) for link in links.links] == [(link.call, link.points) for link in plain.links]


def test_a_letter_of_the_evening_about_the_morning_is_beyond_the_usual_lag() -> None:
    morning = [symptom(f"c-{number}", HOUR * number + 300) for number in range(-2, 3)]
    asked: dict[str, Any] = {"channel": "ticket", "country": "DE", "route": "/payments/{id}"}
    late = 11 * HOUR
    assert join(joiner(*morning), "f", late, **asked).verdict == "no match"
    links = join(joiner(*morning), "f", late, text="The payment failed with an error at 11:05 this morning", **asked)
    assert links.links[0].call == "c-0"


def test_late_logs_of_the_time_that_is_named_are_looked_at() -> None:
    made, late = joiner(), 11 * HOUR
    text = "The payment failed with an error at 11:05 this morning"
    first = join(made, "f", late, text=text, channel="ticket", country="DE", route="/payments/{id}")
    assert first.verdict == "no match"
    made.add_symptom(PROJECT, symptom("mine", 300), START + late + 20)
    (changed,) = made.pass_time(START + late + 35).relinked
    assert changed.links.links[0].call == "mine"


def test_in_the_application_what_is_named_from_long_ago_is_believed_less() -> None:
    made = joiner(symptom("old", 300), symptom("new", 11 * HOUR - 50))
    text = "At 11:05 this morning all was well, now the payment fails with an error"
    assert join(made, "f", 11 * HOUR, text=text, country="DE").links[0].call == "new"


def test_a_time_far_from_what_is_usual_is_doubted_and_one_that_is_usual_is_not() -> None:
    state = State(TABLES)

    def points(text: str, ago: float) -> float:
        heard = hear(complaint("f", 10 * HOUR, text, country="DE"))
        when = said_when(PROJECT, heard, WallClocks(state), Lags(state))
        assert when is not None
        return float(when.points(np.array([heard.at - ago]))[0])

    assert points("it failed 2 minutes ago", 60.0) < points("it failed 2 minutes ago", 120.0)
    assert points("it failed 2 minutes ago", 1_800.0) < -1, "another lag than the usual one that is named"
    assert -0.5 < points("it failed 8 hours ago", 60.0) < 0, "most who write in the application mean what just was"


def test_a_call_that_is_named_itself_stays_first_whatever_the_time() -> None:
    made = five_calls()
    made.add_symptom(PROJECT, symptom("mine", 3_000, trace_id="t-1"), START + 3_000)
    links = join(made, "f", HOUR, text="The payment failed at 11:11", channel="ticket", country="DE", trace_id="t-1")
    assert links.links[0].call == "mine"


def test_whose_country_is_not_known_has_the_clock_of_the_others_of_the_project() -> None:
    later = 40 * HOUR

    def asked(made: Joiner) -> str:
        for number in range(6):
            made.add_symptom(PROJECT, symptom(f"z-{number}", later + 600 * number + 60), START + later)
        text = "The payment failed with an error at 10:11"
        return join(made, "anyone", later + HOUR, text=text, channel="ticket", language="en").links[0].call

    taught = joiner()
    for number in range(40):
        at = 900.0 * number
        taught.add_symptom(PROJECT, symptom(f"c-{number}", at, trace_id=f"trace-{number}"), START + at)
        shown = AT + timedelta(seconds=at) + timedelta(hours=9)
        text = f"The payment failed at {shown:%H:%M}"
        said = complaint(f"f-{number}", at + 900, text, channel="ticket", trace_id=f"trace-{number}")
        taught.join(PROJECT, said, said.at)
    assert asked(taught) == "z-1", "ten past ten there is ten past one in UTC"


@given(
    st.sampled_from(["in_app", "ticket", "email", "hotline"]),
    st.sampled_from(
        [*SPOKEN.values(), "20 minutes ago", "this morning", "since 10:00", "gestern Abend", "at 11:05 UTC"]
    ),
    st.sampled_from(["DE", "US", "CN", ""]),
)
def test_over_all_usual_lags_it_changes_no_odds(channel: str, text: str, country: str) -> None:
    state = State(TABLES)
    lags, heard = Lags(state), hear(complaint("f", 2 * HOUR, text, channel=channel, country=country))
    when = said_when(PROJECT, heard, WallClocks(state), lags)
    if when is None:
        return
    mean = 0.0
    for begin, end, chance in zip(EDGES[:-1], EDGES[1:], lags.chances(PROJECT, channel), strict=True):
        inside = np.linspace(begin, end, max(50, int((end - begin) / 30)))
        mean += chance * float(np.exp(when.points(heard.at - inside)).mean())
    assert mean == pytest.approx(1, abs=0.1)
    assert 0 < when.sure < 1
    assert len(when.moments) <= 60
    assert all(begin < end for begin, end in when.further())


def test_what_is_kept_of_a_text_are_times_and_no_words() -> None:
    heard = hear(complaint("f", text="The payment failed at 11:31"))
    assert [mention.said for mention in heard.when] == [""]
    kept = Open(heard, 1, START)
    assert OPEN.decode(OPEN.encode(kept)) == kept
    before = orjson.loads(OPEN.encode(kept))
    del before["heard"]["when"]
    assert OPEN.decode(orjson.dumps(before)).heard.when == (), "what an earlier version stored is read"


def test_the_half_hour_is_learned_from_clear_clocks_only_and_can_be_taken_back() -> None:
    clear = Mention("wall", 11.5 * HOUR, 11.5 * HOUR, 90.0, 0.9)
    call = START + 1_800
    assert offset_of(clear, call) == 4
    assert offset_of(Mention("wall", 0.5 * HOUR, 0.5 * HOUR, 90.0, 0.9), call) == -18, "half past midnight is behind"
    for vague in ({"spread_s": 900.0}, {"end": 12 * HOUR}, {"halves": True}, {"east_s": 0.0}, {"kind": "ago"}):
        assert offset_of(Mention(**{**_fields(clear), **vague}), call) is None
    state = State(TABLES)
    clocks = WallClocks(state)
    supposed = clocks.offsets(PROJECT, "CN", "zh", START)
    clocks.learn(PROJECT, "CN", clear, call)
    assert clocks.offsets(PROJECT, "CN", "zh", START) != supposed
    clocks.learn(PROJECT, "CN", clear, call, -1.0)
    assert clocks.offsets(PROJECT, "CN", "zh", START) == supposed
    assert len(state[CLOCKS]) == 2


def _fields(mention: Mention) -> dict[str, Any]:
    return {name: getattr(mention, name) for name in Mention.__slots__}


@given(st.text(max_size=3), st.text(max_size=5), st.floats(0, 4e9))
def test_offsets_are_likely_and_few_wherever_somebody_is(country: str, language: str, at: float) -> None:
    found = WallClocks(State(TABLES)).offsets(PROJECT, country, language, at)
    assert 1 <= len(found) <= 6
    assert 0.5 < sum(chance for _, chance in found) <= 1.000001
    assert [chance for _, chance in found] == sorted((chance for _, chance in found), reverse=True)


def test_countries_have_their_hours_and_their_summer() -> None:
    summer, winter = datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 1, 15, tzinfo=UTC)
    assert (hours_east("DE", summer), hours_east("DE", winter)) == ((2,), (1,))
    assert (hours_east("GB", summer), hours_east("IN", summer)) == ((1,), (5.5,))
    assert (hours_east("US", summer)[0], hours_east("US", winter)[0]) == (-4, -5)
    march = datetime(2026, 3, 29, 2, tzinfo=UTC)
    assert is_summer(march, american=False)
    assert not is_summer(march - timedelta(hours=2), american=False)
    assert is_summer(datetime(2026, 3, 8, 12, tzinfo=UTC), american=True)
    assert not is_summer(datetime(2026, 11, 1, 12, tzinfo=UTC), american=True)
    assert all(
        len(country) == 2 and -12 <= hour <= 14 for country in HOURS_EAST for hour in hours_east(country, summer)
    )


@pytest.mark.parametrize(
    ("text", "lag_s", "points", "why"),
    [
        ("It failed at 14:30", 710.0, 2.0, 'says "14:30", the call was at 14:28:10 UTC+2'),
        ("It failed at 14:30", 7_200.0, -2.0, 'says "14:30", the call was at 10:40:00 UTC'),
        ("Seit 11:31 Uhr geht nichts", 11_320.0, 2.0, 'says "11:31 uhr", the call was at 11:31:20 UTC+2'),
        ("It failed at 18:00 ", 700.0, 2.0, 'says "18:00", the call was at 17:58:20 UTC+5:30'),
        ("It failed at 12:30 UTC", 600.0, 2.0, 'says "12:30 utc", the call was at 12:30:00 UTC'),
        ("20 minutes ago", 1_320.0, 2.0, 'says "20 minutes ago", the call was 22 minutes before'),
        ("vor 3 Stunden", 10_800.0, 2.0, 'says "vor 3 stunden", the call was 3.0 hours before'),
        ("It failed", 60.0, 0.0, ""),
    ],
)
def test_a_person_reads_why(text: str, lag_s: float, points: float, why: str) -> None:
    assert time_reason((None, text), datetime(2026, 6, 15, 12, 40, tzinfo=UTC), lag_s, points) == why
