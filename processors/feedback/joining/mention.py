"""A time that a text mentions, and the moments that it may mean."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

Kind = Literal["wall", "ago", "stamp"]
DAY_S, HALF_DAY_S = 86_400.0, 43_200.0
SLACK_S = 900.0
"""A rounded clock, or a help desk's that is ahead, may be so far in the future of the words."""
NEXT_DAY_S = 21_600.0
"""A clock that is further ahead of the words is yesterday's; one that is less ahead is still to come."""
OTHER_HALF = 0.35
"""Part of "at 2:30", without am or pm, that is in the afternoon, where both lie in the past."""
AT_ITS_BEGIN = 0.6
"""Part of those who write "since two" that mean a call at two, not one at any time from then on."""
FORGETS = 0.06
"""How far memory is out for each second that has passed, as a standard deviation."""
LEAST_S = 60.0


@dataclass(frozen=True, slots=True)
class Mention:
    """One time of a text.

    ``begin`` and ``end`` are in seconds: of the wall's day, which is ``day`` days from today, None where not said, or
    the last one that was the ``date`` th of a month; or ago; or since 1970. ``spread_s`` is how far it may be out, as a
    standard deviation, ``sure`` the chance that it is when what is complained of happened. ``since``: it went on from
    then. ``halves``: it may be twelve hours later. ``east_s`` is how far the clock is ahead of UTC, where the text says
    so. ``said`` are its words.
    """

    kind: Kind
    begin: float
    end: float
    spread_s: float
    sure: float
    day: int | None = None
    date: int | None = None
    since: bool = False
    halves: bool = False
    east_s: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """From when to when it may have been, in seconds since 1970, how far that may be out, how likely it is meant."""

    begin: float
    end: float
    spread_s: float
    weight: float


def moments(mention: Mention, written_at: float, east_s: float) -> tuple[Moment, ...]:
    """What a mention may mean to somebody who wrote then and whose clock is so many seconds ahead of UTC.

    None for what would still be to come. The weights sum up to 1 at most.
    """
    if mention.east_s is not None:
        east_s = mention.east_s
    if mention.kind == "ago":
        found = [(written_at - mention.begin, written_at - mention.end, 1.0)]
    elif mention.kind == "stamp":
        found = [(mention.begin - east_s, mention.end - east_s, 1.0)]
    else:
        found = _on_the_wall(mention, written_at, east_s)
    made = []
    for begin, end, weight in found:
        if begin > written_at + SLACK_S:
            continue
        middle = max(0.0, written_at - (begin + end) / 2)
        spread = max(LEAST_S, math.hypot(mention.spread_s, FORGETS * middle))
        if mention.since and end < written_at:
            made += [Moment(begin, end, spread, AT_ITS_BEGIN * weight)]
            made += [Moment(begin, written_at, spread, (1 - AT_ITS_BEGIN) * weight)]
        else:
            made.append(Moment(begin, end, spread, weight))
    return tuple(made)


def _on_the_wall(mention: Mention, written_at: float, east_s: float) -> list[tuple[float, float, float]]:
    midnight = math.floor((written_at + east_s) / DAY_S) * DAY_S - east_s
    day = mention.day
    if mention.date is not None:
        day = -_days_since(mention.date, midnight + east_s)
    shifts = [(0.0, 1.0)]
    if mention.halves:
        shifts = [(0.0, 1.0 - OTHER_HALF), (HALF_DAY_S, OTHER_HALF)]
    found = []
    for shift, weight in shifts:
        begin, end = midnight + mention.begin + shift, midnight + mention.end + shift
        if day is not None:
            begin, end = begin + day * DAY_S, end + day * DAY_S
        elif begin > written_at + NEXT_DAY_S:
            begin, end = begin - DAY_S, end - DAY_S
        found.append((begin, end, weight))
    past = [one for one in found if one[0] <= written_at + SLACK_S]
    whole = sum(weight for _, _, weight in past)
    return [(begin, end, weight / whole) for begin, end, weight in past]


def _days_since(date: int, wall_s: float) -> int:
    """Days since it last was that day of a month."""
    today = datetime.fromtimestamp(wall_s, UTC).date()
    return next((days for days in range(62) if (today - timedelta(days=days)).day == date), 0)
