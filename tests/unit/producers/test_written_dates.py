from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.errors import Rejected, Stop
from producers.adapters.written_dates import DateRules, day_month_order, parse_date, zone_named


@pytest.mark.parametrize(
    "text",
    [
        "2021-09-30T17:20:00Z",
        "2021-09-30T17:20:00+00:00",
        "2021-09-30T19:20:00+0200",
        "2021-09-30 17:20",
        "2021/09/30 17:20:00",
        "30/Sep/21 17:20",
        "30/Sep/2021:17:20:00 +0000",
        "30-Sep-2021 17:20",
        "Sep 30, 2021 5:20 PM",
        "September 30, 2021 at 5:20 PM",
        "30 September 2021 17:20",
        "Thu, 30 Sep 2021 17:20:00 +0000",
        "Thu, 30 Sep 2021 17:20:00 GMT (Coordinated Universal Time)",
        "30.09.2021 17:20",
        "30.9.21, 17:20",
        "30/09/2021 17:20",
        "1633022400",
        "1633022400.000",
        "1633022400000",
        "20210930T172000",
    ],
)
def test_known_ways_to_write_a_moment(text: str) -> None:
    assert parse_date(text, DateRules()).timestamp() == 1_633_022_400


@pytest.mark.parametrize(
    "text", ["", "yesterday", "12", "2021", "31/Feb/2021", "2021-13-01", "30/Foo/2021", "13:00 PM", "1/1/1 25:00"]
)
def test_anything_else_is_rejected(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        parse_date(text, DateRules())
    assert caught.value.reason == "invalid_time"


def test_month_first_where_the_file_says_so() -> None:
    day_first, reason = day_month_order(["03/04/2021", "09/30/2021", "2021-01-01"])
    assert not day_first
    assert "month first" in reason
    assert parse_date("03/04/2021", DateRules(day_first=day_first)).month == 3


def test_day_first_where_the_file_says_so() -> None:
    assert day_month_order(["03/04/2021", "30/09/2021"])[0]


def test_undecided_order_is_said() -> None:
    assert "--date-format" in day_month_order(["03/04/2021"])[1]
    assert not day_month_order(["03/04/2021 5:20 PM"])[0]
    assert day_month_order(["03.04.2021", "2021-04-03"]) == (True, "")


def test_given_format_is_the_only_one() -> None:
    rules = DateRules(format="%d|%m|%Y")
    assert parse_date("03|04|2021", rules).month == 4
    with pytest.raises(Rejected):
        parse_date("2021-04-03", rules)


def test_time_zones() -> None:
    berlin = parse_date("2021-07-01 12:00", DateRules(zone=zone_named("Europe/Berlin")))
    assert berlin.utcoffset() == timedelta(hours=2)
    assert parse_date("2021-07-01 12:00", DateRules(zone=zone_named("-05:30"))).utcoffset() == timedelta(hours=-5.5)
    with pytest.raises(Stop):
        zone_named("Middle/Earth")
