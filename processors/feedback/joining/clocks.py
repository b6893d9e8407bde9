"""Clocks and time stamps in folded text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from processors.feedback.joining import time_words as words
from processors.feedback.joining.mention import DAY_S, HALF_DAY_S, Mention

Place = tuple[int, int]
"""Where something begins and ends in a text."""
HOUR_S, MINUTE_S = 3_600.0, 60.0
BEFORE, AFTER = 40, 28
"""Characters around a clock that say what is meant by it."""
MOST_TRIED = 64
"""Numbers of a text that are looked at, the first ones: the rest of a long one is a pasted log."""
NEAR = 14
"""Characters between a clock and its date."""
LONGEST_RANGE_S = 4 * HOUR_S
"""A longer range are opening hours."""
ROUNDED_S = ((60, 660.0), (30, 370.0), (15, 215.0), (5, 90.0))
"""Minutes, and how far a time that is a multiple of them is out, as a standard deviation in seconds.

Nine of ten people round theirs (Rietveld 2002). With 42, 26, 14 and 8 % of them to 5, 15, 30 and 60 minutes, each with
a variance of a twelfth of its step's square, a whole hour is out by eleven minutes, ten past by one and a half.
"""
EXACT_S, VAGUE = 30.0, 1.5
"""Of any other minute; and how much more it is where the text says "about"."""
SURE, LOOSE, STAMPED = 0.85, 0.5, 0.9
"""Chance that a clock is when it happened: with a word before it such as "at", without any, and of a time stamp."""
FEW_HOURS = 5
"""In "depuis 2 h" so many hours and fewer have passed; from there on it is a clock."""
LAST_HOUR, NOON, LAST_DATE = 23, 12, 31
HOURS = frozenset({"h", "he", "ho", "hr"})
"""How hours begin that are as often a duration."""
CLOCK_MARKS = frozenset({"uhr", "o'clock", "oclock", "点", "点钟", "点半"})
_STAMP = re.compile(
    r"(?<!\d)(?P<y>20\d\d)-(?P<mo>[01]\d)-(?P<d>[0-3]\d)(?:t|\s{1,2})(?P<h>[0-2]\d):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?"
    r"(?:[.,]\d{1,9})?\s?(?P<zone>z(?![a-z])|utc|gmt|[+-][01]\d:?[0-5]\d)?(?!\d)"
)
_CLOCK = re.compile(
    r"(?<![a-z0-9:/#$€£%+-])(?<!\d[.,])(?P<zh>上午|早上|凌晨|中午|下午|晚上|傍晚)?(?P<h>\d\d?)"
    r"(?:(?P<sep>:|h|点|时|\.(?=\d\d\s?(?:uhr|h\b)))(?P<m>[0-5]\d)(?::[0-5]\d(?:\.\d{1,6})?)?)?"
    r"(?:\s?(?:-|to|and|bis|und|a|et|y|e|到|至)\s?(?:las |as )?(?P<h2>\d\d?)(?:[:h](?P<m2>[0-5]\d))?(?![\d:]))?"
    rf"(?:\s?(?P<pm>{words.HALF_PM})|\s?(?P<am>{words.HALF_AM})"
    r"|\s?(?P<mark>uhr|o'?clock|h(?![a-z])|heures?|horas|hrs?\b|点半|点钟?|分))?"
    rf"(?:\s?\(?(?P<zone>{'|'.join(words.ZONES_H)})\b\)?)?(?![\d%€$]|[.,:/]\d|-\w|\s?[%€$°])"
)
_CJK = "\u4e00-\u9fff"
_LED = rf"(?:^|(?<=[\W_])|(?<=[{_CJK}]))"
_ABOUT = re.compile(rf"{_LED}(?:{words.ABOUT})\W{{0,2}}(?:(?:las|as|das|de|at|um|a)\s)?$")
_BEGUN = rf"\W{{0,3}}(?:(?:{words.ABOUT})\W{{0,2}})?(?:las |as |the |today |heute |hoje |hoy )?$"
_SINCE = re.compile(rf"{_LED}(?:{words.SINCE}){_BEGUN}")
_UNTIL = re.compile(rf"{_LED}(?:{words.UNTIL}){_BEGUN}")
_AT = re.compile(rf"{_LED}(?:{words.AT})\W{{0,3}}$")
_HOURS_OF = re.compile(r"(?:^|(?<=\W))(?:vers|depuis|des|a|as|das|pelas|desde|hier|matin|soir|ontem)\s(?:as |las )?$")
_BARE = re.compile(r"(?:^|(?<=\W))(?:a las|sobre las|desde las|gegen|as|por volta das)\s$")
_NO_TIME = re.compile(rf"(?:{words.NOT_A_TIME})\W{{0,3}}$")
_PLAN = re.compile(words.PLAN)
_DATE = re.compile(r"(?<!\d)(?P<one>\d\d?)(?P<by>[./])(?P<two>\d\d?)(?:\.|[./]\d{2,4})?(?!\d)")
_WEEKDAY = re.compile(words.WEEKDAYS)
_CUT = re.compile(r"[!?;\n\u3002\uff01\uff1f]|\.\s")
_DURATION = re.compile(rf"\s?(?:{words.UNIT}|mal|times|x|km|kg|mb|gb)\b")
DAYS = tuple((re.compile(said), begin, end, day) for said, begin, end, day in words.PARTS)


def stamps_in(said: str) -> Iterator[tuple[Place, Mention]]:
    """Dates with a time, as logs and error pages print them; without a zone they are the wall's."""
    for found in islice(_STAMP.finditer(said), MOST_TRIED):
        year, month, day, hour, minute = (int(found[name]) for name in ("y", "mo", "d", "h", "m"))
        try:
            at = datetime(year, month, day, hour, minute, int(found["s"] or 0), tzinfo=UTC).timestamp()
        except ValueError:
            continue
        spread = 5.0 if found["s"] else MINUTE_S
        yield (
            found.span(),
            Mention("stamp", at, at, spread, STAMPED, east_s=_east(found["zone"]), said=found[0].strip()),
        )


def clocks_in(said: str) -> Iterator[tuple[Place, Mention]]:
    """Clocks that may say when something happened; none of what is still to come."""
    for found in islice(_CLOCK.finditer(said), MOST_TRIED):
        before, after = _around(said, found)
        if is_planned(before + found[0] + after) or _UNTIL.search(before):
            continue
        since, about = bool(_SINCE.search(before)), bool(_ABOUT.search(before))
        led = since or about or bool(_AT.search(before)) or bool(found["zh"])
        if not _is_clock(found, before, after, led=led):
            continue
        mention = _read(found, vague=about)
        if mention is None:
            continue
        mention = _on_a_day(replace(mention, since=since, sure=SURE if led else LOOSE), before, after)
        if mention is not None:
            yield found.span(), mention


def is_planned(clause: str) -> bool:
    """Whether it is about what is still to come, or comes every day."""
    return bool(_PLAN.search(clause))


def _around(said: str, found: re.Match[str]) -> tuple[str, str]:
    before = _CUT.split(said[max(0, found.start() - BEFORE) : found.start()])[-1]
    return before, _CUT.split(said[found.end() : found.end() + AFTER])[0]


def _is_clock(found: re.Match[str], before: str, after: str, *, led: bool) -> bool:
    """Whether it is one and not an amount, a duration or a count."""
    mark = found["mark"] or ""
    if int(found["h"]) > LAST_HOUR or (not mark and _DURATION.match(after)) or (not led and _NO_TIME.search(before)):
        return False
    if found["sep"] == "h" or (not found["m"] and mark[:2] in HOURS):
        if not _HOURS_OF.search(before) and not (led and found["m"]):
            return False
        return bool(found["m"]) or int(found["h"]) > FEW_HOURS or not _SINCE.search(before)
    if found["m"] or found["zh"]:
        return mark != "分" or found["sep"] in {"点", "时"}
    named = found["pm"] or found["am"] or mark in CLOCK_MARKS
    return bool(named) or (bool(_BARE.search(before)) and not after[:1].isalnum())


def _read(found: re.Match[str], *, vague: bool) -> Mention | None:
    hour, minute = int(found["h"]), int(found["m"] or 0)
    if found["mark"] == "点半":
        minute = 30
    late = bool(found["pm"]) or found["zh"] in {"下午", "晚上", "傍晚"}
    early = bool(found["am"]) or found["zh"] in {"上午", "早上", "凌晨"}
    halves = not (late or early) and 0 < hour < NOON and found["h"][0] != "0" and found["zh"] is None
    at = _clock_s(hour, minute, late=late, early=early)
    end = at
    if found["h2"] and (found["m2"] or found["pm"] or found["am"] or found["mark"]):
        end = _clock_s(int(found["h2"]), int(found["m2"] or 0), late=late, early=early)
        if not 0 < end - at <= LONGEST_RANGE_S:
            return None
    spread = next((out for step, out in ROUNDED_S if minute % step == 0), EXACT_S) * (VAGUE if vague else 1.0)
    return Mention("wall", at, end, spread, SURE, halves=halves, east_s=_east(found["zone"]), said=found[0].strip(" ("))


def _clock_s(hour: int, minute: int, *, late: bool, early: bool) -> float:
    if late and hour < NOON:
        hour += NOON
    if early and hour == NOON:
        hour = 0
    return hour * HOUR_S + minute * MINUTE_S


def _on_a_day(mention: Mention, before: str, after: str) -> Mention | None:
    """With what is said of its day: a date, or a part of yesterday or today; None for a day that is not known here."""
    near = f"{before[-NEAR:]} {after[:NEAR]}"
    if _WEEKDAY.search(near):
        return None
    date = _DATE.search(near)
    if date:
        number = _day_of_month(int(date["one"]), int(date["two"]), american=date["by"] == "/")
        return None if number is None else replace(mention, date=number)
    for part, begin, end, day in DAYS:
        if part.search(before) or part.search(after):
            at = mention.begin
            if mention.halves and not begin * HOUR_S <= at < end * HOUR_S <= DAY_S:
                shift = HALF_DAY_S if begin * HOUR_S <= at + HALF_DAY_S < end * HOUR_S else 0.0
                return replace(mention, begin=at + shift, end=mention.end + shift, day=day, halves=False)
            halves = mention.halves and begin * HOUR_S <= at + HALF_DAY_S < end * HOUR_S
            return replace(mention, day=day, halves=halves)
    return mention


def _day_of_month(one: int, two: int, *, american: bool) -> int | None:
    """15.06. and 15/06 are clear, and 06/15; 5/6 is not."""
    if american and one <= NOON:
        return two if two > NOON else None
    return one if one <= LAST_DATE and two <= NOON else None


def _east(zone: str | None) -> float | None:
    if not zone:
        return None
    if zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        return MINUTE_S * (minutes if zone[0] == "+" else -minutes)
    return HOUR_S * words.ZONES_H[zone]
