"""Complaints find their calls, whichever comes first, and both sides are counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.feedback.joining.complaint import hash_of
from processors.feedback.joining.joiner import TABLES, Joiner, Passed
from processors.feedback.joining.links import Links, Relinked
from processors.feedback.joining.matrix import EVERY_S
from processors.runtime.tables import State
from tests.unit.feedback.joining.scene import (
    CHROME,
    PROJECT,
    SAFARI,
    START,
    Restartable,
    complaint,
    noise,
    symptom,
)


def joiner(*symptoms: Any) -> Joiner:
    made = Joiner(State(TABLES))
    for one in symptoms:
        made.add_symptom(PROJECT, one, one.occurred_at.timestamp())
    return made


def join(made: Joiner, *args: Any, **changes: Any) -> Links:
    said = complaint(*args, **changes)
    return made.join(PROJECT, said, said.at)


@pytest.mark.parametrize(
    ("called", "said", "by"),
    [
        ({"trace_id": "4BF92F3577B34DA6A3CE929D0E0E4736"}, {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}, "trace"),
        (
            {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"},
            {"trace_id": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
            "trace",
        ),
        ({"request_id": "b7a1-c2d0-3f55"}, {"request_id": "b7a1-c2d0-3f55"}, "request"),
        ({"request_id": "b7a1-c2d0-3f55"}, {"text": "Payment failed, reference b7a1-c2d0-3f55."}, "request"),
        ({"session": "p_s"}, {"session": "p_s"}, "session"),
        ({"user": "p_u"}, {"user": "p_u"}, "user"),
        (SAFARI, {"browser": "Safari", "os": "iOS", "device": "iPhone", "route": "/payments/{id}"}, "anonymous"),
    ],
)
def test_the_call_is_found_by_what_ties_it(called: dict[str, Any], said: dict[str, Any], by: str) -> None:
    links = join(joiner(*noise(10), symptom("mine", 15, **called)), "f", **said)
    assert links.verdict == "match"
    assert (links.links[0].call, links.links[0].by) == ("mine", by)
    assert links.links[0].lag_s == 45
    assert sum(evidence.points for evidence in links.links[0].evidence) == pytest.approx(
        links.links[0].points, abs=0.02
    )
    assert links.pattern is not None
    assert (links.pattern.route, links.pattern.outcome, links.pattern.code) == (
        "/payments/{id}",
        "upstream_error",
        "502",
    )


def test_of_several_calls_of_a_session_words_and_time_decide() -> None:
    made = joiner(
        symptom("search", 10, route="/search", session="p_s"),
        symptom("pay", 15, session="p_s"),
        symptom("long ago", -3_000, session="p_s"),
    )
    links = join(made, "f", session="p_s")
    assert [link.call for link in links.links] == ["pay", "search"], "one that is far behind is not told"
    assert links.links[0].probability > links.links[1].probability


@pytest.mark.parametrize(
    "text",
    ["Beim Bezahlen kommt ein Fehler", "Le paiement échoue", "No puedo pagar, falla", "O pagamento falha", "支付失败"],
)
def test_whatever_the_language_the_words_lead_to_the_route(text: str) -> None:
    calls = [symptom(f"{route}-{second}", second, route=f"/{route}") for second in (10, 40) for route in
             ("stock", "search", "offers", "profile", "payments", "delivery")]  # fmt: skip
    links = join(joiner(*calls), "f", text=text, language=None)
    assert links.links[0].call.startswith("payments")


def test_slow_calls_for_who_says_slow() -> None:
    slow = symptom("slow", 20, outcome="ok", status=200, slow_ratio=9.0, blame="none")
    made = joiner(*noise(10), slow, symptom("failed", 20))
    assert join(made, "a", text="Paying takes forever, so slow").links[0].call == "slow"
    assert join(made, "b", text="Paying ends with an error").links[0].call == "failed"


def test_nothing_stands_behind_praise_nor_behind_anything_while_all_is_well() -> None:
    calm = joiner(symptom("lonely", -20_000))
    assert join(calm, "a").verdict == "no match"
    assert join(Joiner(State(TABLES)), "b").links == ()
    busy = joiner(*noise(10))
    praise = join(busy, "c", text="I love the new colours, great work", category="praise")
    assert (praise.verdict, praise.links, praise.pattern) == ("no match", (), None)


def test_who_is_signed_in_gets_no_call_of_somebody_else() -> None:
    made = joiner(*noise(10), symptom("theirs", 15, user="p_them", session="p_t"), symptom("old", -900, user="p_me"))
    assert join(made, "f", user="p_me").links[0].call == "old"
    assert join(made, "g", session="p_t", user="p_them").links[0].call == "theirs"


def test_a_complaint_before_its_call_is_answered_when_that_comes() -> None:
    made = joiner(*noise(10))
    first = join(made, "f", session="p_s", category="functional_bug")
    assert "mine" not in {link.call for link in first.links}
    (changed,) = made.add_symptom(PROJECT, symptom("mine", 15, session="p_s"), START + 300)
    assert changed.links.links[0].call == "mine"
    assert changed.links.revision == first.revision + 1
    assert made.add_symptom(PROJECT, symptom("other", 15, session="p_other"), START + 301) == ()


def test_late_logs_are_looked_at_for_who_says_nothing_of_himself_too() -> None:
    made = joiner()
    assert join(made, "f", browser="Safari", route="/payments/{id}").verdict == "no match"
    late = symptom("mine", 20, **SAFARI)
    assert made.add_symptom(PROJECT, late, START + 80) == ()
    assert made.pass_time(START + 85).relinked == ()
    (changed,) = made.pass_time(START + 95).relinked
    assert changed.links.links[0].call == "mine"
    assert made.pass_time(START + 2_000).relinked == (), "nothing new came since"


def test_two_people_do_not_get_the_same_call() -> None:
    made = joiner(symptom("first", 10, user="p_1", **SAFARI), symptom("second", 14, **SAFARI))
    anyone = {"browser": "Safari", "route": "/payments/{id}", "at": START + 35}
    assert join(made, "before", **anyone).links[0].call == "second"
    made = joiner(symptom("first", 14, user="p_1", **SAFARI), symptom("second", 10, **SAFARI))
    assert join(made, "before", **anyone).links[0].call == "first"
    made = joiner(symptom("first", 14, user="p_1", **SAFARI), symptom("second", 10, **SAFARI))
    assert join(made, "known", user="p_1").links[0].call == "first"
    assert join(made, "after", **anyone).links[0].call == "second"


def test_the_lag_of_a_channel_is_learned_from_sure_links_clocks_that_differ_included() -> None:
    made = joiner()
    for number in range(40):
        at = 300.0 * number
        made.add_symptom(PROJECT, symptom(f"c-{number}", at, trace_id=f"trace-{number}"), START + at)
        said = complaint(f"f-{number}", at + 1_800, channel="chat", trace_id=f"trace-{number}")
        made.join(PROJECT, said, said.at)
    later = 300.0 * 60
    for number, before in enumerate((120, 1_800)):
        made.add_symptom(PROJECT, symptom(f"z-{number}", later - before), START + later)
    links = join(made, "anyone", later, channel="chat", route="/payments/{id}")
    assert links.links[0].call == "z-1", "half an hour is usual here, not two minutes"


def test_each_pattern_has_its_reports_and_its_different_reporters() -> None:
    made = joiner(*[symptom(f"c-{number}", number, user=f"p_{number % 2}") for number in range(4)])
    for number in range(4):
        join(made, f"f-{number}", user=f"p_{number % 2}")
    (pattern,) = made.patterns(PROJECT)
    assert (pattern.calls, pattern.reports, pattern.reporters) == (4, 4, 2)
    assert join(made, "f-4", user="p_7", category="praise").verdict == "no match"
    assert made.patterns(PROJECT)[0].reports == 4


def test_the_same_complaint_twice_counts_once() -> None:
    made = joiner(symptom("mine", 15, user="p_u"))
    once, again = join(made, "f", user="p_u"), join(made, "f", user="p_u")
    assert (once.verdict, once.links[0].call, once.revision) == (again.verdict, again.links[0].call, again.revision)
    assert made.patterns(PROJECT)[0].reports == 1


def test_the_matrix_tells_reported_and_observed_apart() -> None:
    made = joiner(
        *[symptom(f"pay-{number}", number, user=f"p_{number}") for number in range(3)],
        *[symptom(f"stock-{number}", number, route="/stock") for number in range(5)],
    )
    join(made, "a", user="p_1", journey="checkout")
    join(made, "b", 3_000, text="Upload fails with an error", route="/upload", user="p_9", journey="files")
    join(made, "c", 3_001, text="love it", category="praise")
    found = {(row.kind, row.name): row for row in made.pass_time(START + 3_100).rows}
    whole = found["project", ""].hour
    assert (whole.reported_observed, whole.observed_not_reported, whole.reported_green) == (1, 5, 1)
    assert found["route", "/payments/{id}"].hour.reported_observed == 1
    assert found["route", "/payments/{id}"].hour.observed_not_reported == 0
    assert found["route", "/payments/{id}"].failing_calls == 3
    assert found["route", "/stock"].total.observed_not_reported == 5
    assert found["route", "/upload"].hour.reported_green == 1
    assert found["journey", "checkout"].reporters == 1
    assert found["journey", "files"].hour.reported_green == 1
    assert made.pass_time(START + 3_100 + EVERY_S).rows == (), "nothing changed"
    made.add_symptom(PROJECT, symptom("stock-9", 3_111, route="/stock"), START + 3_111)
    assert {row.name for row in made.pass_time(START + 3_120).rows} == {"", "/stock"}
    gone = {(row.kind, row.name): row for row in made.pass_time(START + 7_500).rows}
    assert gone["project", ""].hour.observed_not_reported == 0
    assert gone["project", ""].total.observed_not_reported == 6


def test_what_becomes_known_moves_in_the_matrix() -> None:
    made = joiner()
    join(made, "a", user="p_1", route="/payments/{id}", category="functional_bug")
    assert made.pass_time(START + 61).rows[0].hour.reported_green == 1
    made.add_symptom(PROJECT, symptom("mine", 15, user="p_1"), START + 70)
    (whole, *_) = made.pass_time(START + 80).rows
    assert (whole.hour.reported_observed, whole.hour.reported_green) == (1, 0)
    assert (whole.total.reported_observed, whole.total.reported_green) == (1, 0)


def test_projects_do_not_see_each_other() -> None:
    made = joiner(symptom("mine", 15, user="p_u"))
    said = complaint("f", user="p_u")
    assert made.join("default/other/production", said, said.at).verdict == "no match"


def test_after_a_day_everything_is_forgotten() -> None:
    again = Restartable()
    made = again.joiner
    for one in noise(10):
        made.add_symptom(PROJECT, one, START)
    join(made, "f", user="u-3")
    for hour in range(30):
        made.pass_time(START + 3_600 * hour)
    left = {spec.name: len(again.state[spec]) for spec in TABLES if len(again.state[spec])}
    assert set(left) <= {"join_matrix", "join_lags", "join_clocks"}
    assert join(made, "g", 108_000, user="u-3").verdict == "no match"


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": "x" * 1_000_000},
        {"text": "pay " * 250_000, "title": "error " * 100_000},
        {"text": "\u200b\u200d\ufeff", "title": "\u202eerror\u202c"},
        {"text": "لا يعمل الدفع", "language": "ar"},
        {"text": "😡😡😡 支付 payment платёж", "language": "xx"},
        {"text": "a" * 40 + "-1" * 500, "language": ""},
        {"text": "pay\x00ment", "route": "/" * 8_000, "screen": "{" * 300},
        {"session": "", "user": "", "trace_id": "", "request_id": ""},
        {"channel": "carrier pigeon", "category": "?", "country": "??", "release": "-"},
    ],
)
def test_nothing_anybody_writes_is_too_much(changes: dict[str, Any]) -> None:
    links = join(joiner(*noise(10)), "f", **changes)
    assert len(links.links) <= 3


def test_ids_are_the_same_whatever_their_case_and_never_nothing() -> None:
    assert hash_of("ABC") == hash_of(" abc ") != 0
    assert hash_of(None) == hash_of("") == 0


TEXTS = (
    "The payment fails with an error",
    "The payment failed at 11:02",
    "Fehler beim Bezahlen vor einer Minute",
    "The cart fails since 11:00",
    "this morning the search failed with an error at 10:15 or at 11:01 am",
    "payment error 2026-06-15T09:01:10Z",
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["symptom", "symptom", "complaint", "time"]),
        st.integers(0, 5),
        st.integers(0, 3),
        st.sampled_from([None, "p_1", "p_2"]),
    ),
    max_size=25,
)


def play(
    events: Sequence[tuple[str, int, int, str | None]], restart: Callable[[int], bool]
) -> tuple[list[Links | tuple[Relinked, ...] | Passed], Any]:
    """What comes out of events ten seconds apart, restarting where it is wanted."""
    system, out = Restartable(), list[Any]()
    for number, (kind, what, who, person) in enumerate(events):
        if restart(number):
            system.restart()
        now = START + 10 * number
        if kind == "symptom":
            called = symptom(
                f"c-{number}",
                10 * number - 7 * what,
                route=f"/{('pay', 'cart', 'search')[what % 3]}",
                user=person,
                session=f"s-{who}",
                slow_ratio=float(what),
                **(CHROME if who % 2 else SAFARI),
            )
            out.append(system.joiner.add_symptom(PROJECT, called, now))
        elif kind == "complaint":
            said = replace(
                complaint(f"f-{what}", 10 * number, session=f"s-{who}" if person else None, user=person),
                channel=("in_app", "chat")[who % 2],
                journey=("", "checkout")[what % 2],
                country=("DE", None)[who % 2],
                text=TEXTS[what],
            )
            out.append(system.joiner.join(PROJECT, said, now))
        else:
            out.append(system.joiner.pass_time(now + 400 * what))
    return out, {spec.name: dict(system.state[spec].items()) for spec in TABLES if spec.name != "join_calls"}


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.sets(st.integers(0, 24)))
def test_a_restart_changes_nothing(events: Sequence[tuple[str, int, int, str | None]], stops: set[int]) -> None:
    straight, kept = play(events, lambda _: False)
    restarted, kept_then = play(events, lambda number: number in stops)
    assert restarted == straight
    assert kept_then == kept


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(8)))
def test_the_order_of_calls_changes_no_answer(order: Sequence[int]) -> None:
    calls = [symptom(f"c-{n}", 6 * n, route=f"/{('pay', 'cart')[n % 2]}", user=f"p_{n % 3}") for n in range(8)]
    links = join(joiner(*[calls[n] for n in order]), "f", user="p_1")
    expected = join(joiner(*calls), "f", user="p_1")
    assert [(link.call, link.points) for link in links.links] == [(link.call, link.points) for link in expected.links]


@pytest.mark.parametrize(("language", "home"), [("de", "AT"), ("fr", "BE"), ("es", "MX"), ("pt", "BR"), ("zh", "TW")])
def test_where_no_country_is_known_the_language_speaks_for_where_it_is_spoken(language: str, home: str) -> None:
    calls = [symptom("home", 10, country=home), symptom("abroad", 14, country="PL"), symptom("unknown", 5)]
    asked = {"text": "payment error", "at": START + 60}
    assert join(joiner(*calls), "f", language="en", **asked).links[0].call == "abroad", "only the lag decides"
    said = join(joiner(*calls), "f", language=language, **asked)
    assert said.links[0].call == "home"
    known = join(joiner(*calls), "f", language=language, country="PL", **asked)
    assert known.links[0].call == "abroad"
