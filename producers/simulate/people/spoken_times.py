"""When it happened, as people say it: by their own clock, rounded, from memory, or as so long ago.

How a moment is rounded follows from what is known of travel surveys, where 85 to 95 % of the times that people report
are multiples of 5, 15, 30 or 60 minutes (Rietveld, "Rounding of arrival and departure times in travel surveys", Journal
of Transportation and Statistics 5, 2002). How far memory is out grows with the time that has passed. Nobody measured
how many complaints say when it was; `SAYS_WHEN` supposes that few do who write at once, and one in six of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from producers.simulate.people.person import Person
from producers.simulate.people.wordings.times import TIMES, Part, Times

HOURS_EAST: Mapping[str, tuple[tuple[int, int], ...]] = {
    "GB": ((0, 1),),
    "US": ((-5, 47), (-6, 29), (-7, 7), (-8, 17)),
}
"""Standard time of a country, in hours east of Greenwich, with how many of a hundred people have it."""
CENTRAL_EUROPE = ((1, 1),)
"""Of every other country that the simulated systems have users in."""
ROUNDED_TO: Mapping[int, int] = {1: 10, 5: 42, 15: 26, 30: 14, 60: 8}
"""Minutes, and how many of a hundred people round to them."""
AT_ONCE_S, SOON_S, LATE_S = 180.0, 5_400.0, 28_800.0
SAYS_WHEN = (0.05, 1 / 6)
"""Part of those who say when it was: of who writes at once, and of who writes later."""
FORGETS = 0.05
"""Standard deviation of a remembered moment, as a part of the time that has passed; half a minute at the least."""
AN_HOUR_OUT = 0.02
"""Part of the clocks that are an hour out: a clock of somewhere else, a slip."""
SAYS_AGO, SAYS_PART = 0.5, 0.25
IN_FIVES, HALF_AN_HOUR, IN_HOURS = 10, 30, 50
"""Minutes from which "so long ago" is said in fives, as half an hour, in hours."""
AGO_SPREAD = 0.1
"""Standard deviation of the logarithm of how long ago it seems."""
DAY = timedelta(days=1)
_MORNING, _NOON, _EVENING = 5, 12, 18


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody whose clock is ``east`` hours ahead of UTC puts the time of what happened, in a sentence's words."""

    east: int
    clock: str
    part: str
    waited: str
    """Minutes since then."""
    sentence: str
    """A sentence of its own that says when; empty for most."""


def told(who: Person, happened_ms: int, written_ms: int, random: Random) -> Told:
    """Put it in somebody's words."""
    east, times = hours_east(who, happened_ms), TIMES[who.language]
    lag_s = max(0.0, (written_ms - happened_ms) / 1000)
    remembered_s = max(1.0, lag_s + random.gauss(0, max(30.0, FORGETS * lag_s)))
    now = moment_at(written_ms / 1000, east)
    local = now - timedelta(seconds=remembered_s)
    spoken = _rounded(local, now, random)
    if random.random() < AN_HOUR_OUT:
        spoken += timedelta(hours=random.choice((-1, 1)))
    today = local.date() == now.date()
    clock = _clock(spoken, random.choice(times.clocks), times)
    part = times.parts[_part_of(local)][0 if today else 1]
    sentence = ""
    if random.random() < SAYS_WHEN[lag_s >= AT_ONCE_S]:
        at = random.choice(times.at).format(clock=clock)
        sentence = _sentence(times, at if today else f"{times.yesterday} {at}", part, lag_s, random)
    return Told(east, clock, part, str(max(1, round(remembered_s / 60))), sentence)


def hours_east(who: Person, at_ms: int) -> int:
    """Hours by which somebody's clock is ahead of UTC, summer time included; each lives in one place of a country."""
    zones = HOURS_EAST.get(who.country, CENTRAL_EUROPE)
    (standard,) = Random(f"lives/{who.pseudonym}").choices([zone for zone, _ in zones], [share for _, share in zones])
    return standard + _is_summer(datetime.fromtimestamp(at_ms / 1000, UTC), american=who.country == "US")


def moment_at(seconds: float, east: int) -> datetime:
    """What calendar and clock there show, written as if it were UTC."""
    return datetime.fromtimestamp(seconds, UTC) + timedelta(hours=east)


def _is_summer(at: datetime, *, american: bool) -> bool:
    """Europe: last Sunday of March to last Sunday of October; America: second of March to first of November."""
    if american:
        return _sunday(at.year, 3, 8) <= at < _sunday(at.year, 11, 1)
    return _sunday(at.year, 3, 25) <= at < _sunday(at.year, 10, 25)


def _sunday(year: int, month: int, first: int) -> datetime:
    """The first Sunday from a day on."""
    day = datetime(year, month, first, 1, tzinfo=UTC)
    return day + (6 - day.weekday()) * DAY


def _rounded(local: datetime, now: datetime, random: Random) -> datetime:
    (step,) = random.choices(tuple(ROUNDED_TO), tuple(ROUNDED_TO.values()))
    minutes = local.hour * 60 + local.minute + local.second / 60
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    to = timedelta(minutes=step)
    rounded = midnight + step * round(minutes / step) * timedelta(minutes=1)
    return rounded if rounded <= now else rounded - to  # nobody says a time that is still to come


def _clock(at: datetime, form: str, times: Times) -> str:
    whole = "whole " if at.minute == 0 else ""
    half = times.halves[at.hour // _NOON] if times.halves else ""
    hour = (at.hour - 1) % _NOON + 1
    return times.forms[whole + form].format(h=at.hour, m=f"{at.minute:02d}", hour=hour, half=half)


def _part_of(local: datetime) -> Part:
    if _MORNING <= local.hour < _NOON:
        return "morning"
    if _NOON <= local.hour < _EVENING:
        return "afternoon"
    return "evening" if local.hour >= _EVENING else "night"


def _sentence(times: Times, at: str, part: str, lag_s: float, random: Random) -> str:
    if lag_s < AT_ONCE_S:
        return random.choice(times.just_now)
    drawn, when = random.random(), at
    if drawn < SAYS_AGO and lag_s < LATE_S:
        when = _ago(times, lag_s, random)
    elif drawn > 1 - SAYS_PART and lag_s >= SOON_S:
        when = part
    return random.choice(times.thens).format(when=when)


def _ago(times: Times, lag_s: float, random: Random) -> str:
    """So many minutes, in fives from ten on; half an hour and whole hours from there on."""
    minutes = lag_s / 60 * random.lognormvariate(0, AGO_SPREAD)
    if minutes < IN_FIVES:
        return times.minutes_ago.format(n=max(2, round(minutes)))
    if minutes < IN_HOURS:
        fives = 5 * round(minutes / 5)
        return times.half_an_hour_ago if fives == HALF_AN_HOUR else times.minutes_ago.format(n=fives)
    hours = round(minutes / 60)
    return times.hour_ago if hours <= 1 else times.hours_ago.format(n=hours)
