"""Times that people name are read in six languages, and what only looks like one is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.joining.mention import Mention, Moment, moments
from processors.feedback.joining.mentioned_times import MOST, mentions

SENT = datetime(2026, 6, 15, 12, 40, tzinfo=UTC).timestamp()
EAST_S = 7_200.0
"""The writers are in Berlin, in summer: their clocks show 14:40."""


def meant(text: str, sent: float = SENT, east_s: float = EAST_S) -> list[str]:
    """Local day and time of what the surest mention means, the likeliest moment first."""
    found = mentions(text)
    if not found:
        return []
    some = sorted(moments(found[0], sent, east_s), key=lambda one: -one.weight)
    return [datetime.fromtimestamp(one.begin + east_s, UTC).strftime("%d %H:%M") for one in some]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("It failed at 14:32.", "15 14:32"),
        ("around 2 pm the page broke", "15 14:00"),
        ("IT BROKE AT 10:15 AM AND STAYED BROKEN", "15 10:15"),
        ("at 9 o'clock it went down", "15 09:00"),
        ("Customer noted 14:05: payment failed", "15 14:05"),
        ("it stopped at 2:30, all of it", "15 14:30"),
        ("yesterday at 11:40 pm", "14 23:40"),
        ("gegen 14 Uhr ging nichts mehr", "15 14:00"),
        ("seit 14:30 Uhr geht nichts", "15 14:30"),
        ("um 14.10 Uhr kam der Fehler", "15 14:10"),
        ("gestern um 20:15 Uhr", "14 20:15"),
        ("Am 14.06. um 23:50 Uhr war alles weg", "14 23:50"),
        ("vers 14h15 c'était en panne", "15 14:15"),
        ("C'est arrivé à 10h", "15 10:00"),
        ("hier soir à 20h", "14 20:00"),
        ("depuis 14h30 plus rien", "15 14:30"),
        ("desde las 13:30 no funciona", "15 13:30"),
        ("me falló a las 9:15 de la mañana", "15 09:15"),
        ("às 14h05 deu erro", "15 14:05"),
        ("por volta das 14:00 parou", "15 14:00"),
        ("ontem às 22:10", "14 22:10"),
        ("从14:30开始我的购买记录是空的。", "15 14:30"),
        ("下午2点半发生的", "15 14:30"),
        ("大约14点出错", "15 14:00"),
        ("支付失败,14:31出错", "15 14:31"),
        ("payment failed,14:31", "15 14:31"),
        ("上午9点05分出错", "15 09:05"),
        ("on 6/14 at 3:20 pm it froze", "14 15:20"),
        ("20 minutes ago I tried to pay", "15 14:20"),
        ("half an hour ago", "15 14:10"),
        ("an hour ago, maybe", "15 13:40"),
        ("waiting for 15 minutes already", "15 14:25"),
        ("vor etwa 20 Minuten", "15 14:20"),
        ("vor einer halben Stunde", "15 14:10"),
        ("seit zwei Stunden", "15 12:40"),
        ("il y a dix minutes", "15 14:30"),
        ("il y a une demi-heure", "15 14:10"),
        ("depuis 2h", "15 12:40"),
        ("hace diez minutos", "15 14:30"),
        ("desde hace media hora", "15 14:10"),
        ("há uma hora", "15 13:40"),
        ("há 20 minutos", "15 14:20"),
        ("20分钟前发生的", "15 14:20"),
        ("半小时前", "15 14:10"),
        ("等验证码短信已经15分钟了", "15 14:25"),
        ("It happened just now", "15 14:35"),
        ("gerade eben passiert", "15 14:35"),
        ("C'est arrivé à l'instant.", "15 14:35"),
        ("Ha sido ahora mismo", "15 14:35"),
        ("Foi mesmo agora", "15 14:35"),
        ("刚刚发生的", "15 14:35"),
        ("this morning nothing worked", "15 05:00"),
        ("heute Vormittag ging es nicht", "15 05:00"),
        ("gestern Abend ging es nicht", "14 17:00"),
        ("ce matin", "15 05:00"),
        ("anoche no pude pagar", "14 18:00"),
        ("esta manhã", "15 05:00"),
        ("是昨天晚上的事", "14 17:00"),
        ("error at 2026-06-15T09:12:33Z id 4711", "15 11:12"),
        ("log: 2026-06-15 11:12:33,104 ERROR", "15 11:12"),
        ("2026-06-15T10:12:33+01:00", "15 11:12"),
        ("It happened at 9:15 am UTC", "15 11:15"),
    ],
)
def test_what_people_say_is_when_it_was(text: str, when: str) -> None:
    assert when in meant(text)


@pytest.mark.parametrize(
    "text",
    [
        "Meeting is at 15:30!",
        "will arrive at 5 pm tomorrow",
        "I need it by 2 pm",
        "Opening hours 9:00-17:00",
        "Are you open until 2 pm?",
        "I am out of the office until 13:12 and have no access to my mail.",
        "Termin um 14:00 Uhr",
        "Lieferung zwischen 14:00 und 15:00",
        "bis 14 Uhr brauche ich das",
        "rendez-vous à 14h",
        "livraison prévue à 10h30",
        "la reunión es a las 14:00",
        "entrega prevista às 10:30",
        "明天14:00送达",
        "营业时间9:00",
        "Paid 14.30 € for it",
        "14,30 EUR, 12.50 USD, 1,14:30",
        "version 2:30, build 14:30",
        "error 500 at checkout, HTTP/1.1 502",
        "took 2:30 minutes to load",
        "The spinner turns for 13 minutes before anything appears.",
        "order A-14:30, card 4111 1111",
        "I called 3 times, 10 people",
        "localhost:8080 at 10.0.0.1:80",
        "we have 24 hours of trouble",
        "screen 1920:1080, 16:9",
        "on Monday at 14:30",
        "5/6 at 14:30",
        "at 27:30 and 14:75",
        "",
    ],
)
def test_what_only_looks_like_a_time_is_none(text: str) -> None:
    assert meant(text) == []


def test_nobody_complains_of_what_is_to_come() -> None:
    assert meant("it failed at 16:30") == []
    assert meant("it failed at 14:45") == ["15 14:45"], "a rounded clock may be a little ahead"
    assert meant("it failed at 23:50") == ["14 23:50"], "so late was yesterday"


def test_half_past_two_may_be_in_the_afternoon() -> None:
    night, afternoon = moments(mentions("at 2:30")[0], SENT, EAST_S)
    assert (night.weight + afternoon.weight, night.weight > afternoon.weight) == (1, True)
    assert [moment.weight for moment in moments(mentions("at 02:30")[0], SENT, EAST_S)] == [1]
    assert [moment.weight for moment in moments(mentions("at 2:30 pm")[0], SENT, EAST_S)] == [1]


def test_since_is_then_or_any_time_after_it() -> None:
    begin, later = moments(mentions("since 14:30")[0], SENT, EAST_S)
    assert (begin.begin, begin.end) == (SENT - 600, SENT - 600)
    assert (later.begin, later.end) == (SENT - 600, SENT)
    assert begin.weight + later.weight == 1


def test_so_long_ago_is_one_moment_and_a_part_of_a_day_lasts() -> None:
    (ago,) = moments(mentions("20 minutes ago")[0], SENT, EAST_S)
    assert ago.begin == ago.end == SENT - 1_200
    (morning,) = moments(mentions("this morning")[0], SENT, EAST_S)
    assert morning.end - morning.begin == 7 * 3_600
    (between,) = moments(mentions("between 14:00 and 14:20")[0], SENT, EAST_S)
    assert between.end - between.begin == 1_200


def test_what_is_round_is_less_exact_and_what_is_long_ago_too() -> None:
    def spread(text: str, sent: float = SENT) -> float:
        return moments(mentions(text)[0], sent, EAST_S)[0].spread_s

    assert spread("at 14:31") < spread("at 14:35") < spread("at 14:15") < spread("at 14:30") < spread("at 14:00")
    assert spread("about 14:31", SENT) >= spread("at 14:31")
    assert spread("at 14:31", SENT + 6 * 3_600) > 5 * spread("at 14:31")
    assert spread("a few hours ago") > spread("3 hours ago")


def test_a_clock_is_surer_with_a_word_before_it_and_the_surest_are_kept() -> None:
    assert mentions("at 14:31")[0].sure > mentions("14:31 checkout")[0].sure
    found = mentions("yesterday. It was at 14:31, 20 minutes ago, 13:10, 13:11, 13:12")
    assert len(found) == MOST
    assert [mention.said for mention in found] == ["20 minutes ago", "14:31"]


def test_a_zone_that_is_named_counts_whatever_the_writer_has() -> None:
    for east_s in (-18_000.0, 0.0, 28_800.0):
        (moment,) = moments(mentions("at 09:15 UTC")[0], SENT, east_s)
        assert moment.begin == datetime(2026, 6, 15, 9, 15, tzinfo=UTC).timestamp()


HOSTILE = (
    "14:30 " * 200_000,
    "at 1" * 300_000,
    "vor " * 300_000,
    "1 a " * 300_000,
    "seit 3 " * 300_000,
    "vor einer " * 9_999,
    "99999999999999999999 minutes ago",
    "\u200b14\u200b:\u200b30",
    "\u202e03:41 ta",
    "\u0661\u0664:\u0663\u0660",
    "at \u00b2:\u00b3\u2070",
    "\uff11\uff14\uff1a\uff13\uff10",
    "🕝 14:30 🕝",
    "2026-99-99 99:99, 2026-02-30 10:00:00",
    "0 minutes ago, -5 minutes ago, 1,5 hours ago",
    "\0\0at 14:30\0",
    "at 24:00",
    "31.02. um 10:00 Uhr, 99.99. um 10:00",
    "半半小时前",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_cost_little_and_break_nothing(text: str) -> None:
    began = time.process_time()
    for _ in range(10):
        check(mentions(text, text))
    assert time.process_time() - began < 0.5, "fifty milliseconds each; the slowest takes fifteen"


@given(
    st.text(
        alphabet=st.sampled_from("0123456789:.,-/h apmvorseitUhrago上午点分前gestern\u200b\u00b2\u0661"), max_size=80
    )
)
def test_whatever_is_written_is_a_time_of_the_past_or_none(text: str) -> None:
    check(mentions(text))
    assert mentions(text) == mentions(text)


def check(found: tuple[Mention, ...]) -> None:
    assert len(found) <= MOST
    for mention in found:
        assert 0 < mention.sure < 1
        some = moments(mention, SENT, EAST_S)
        assert all(isinstance(one, Moment) and one.begin <= one.end and one.begin <= SENT + 900 for one in some)
        assert sum(one.weight for one in some) <= 1.000001
        assert all(one.spread_s > 0 and one.weight > 0 for one in some)
