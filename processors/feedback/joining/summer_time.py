"""By how many hours countries are ahead of UTC, summer time included.

Written for where the users of a system may live, not a copy of the time zone database: no history, the zones in which
most of a country's people live, and where summer time has other dates than Europe's or America's, both.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

Summer = Literal["", "europe", "america"]
_TOLD: tuple[tuple[str, tuple[float, ...], Summer], ...] = (
    ("GB IE PT", (0,), "europe"),
    ("DE FR ES IT NL PL AT SE BE CH DK NO CZ SK HU SI HR RS LU BA AL MK ME MT LI", (1,), "europe"),
    ("FI EE LV LT RO BG GR UA CY MD", (2,), "europe"),
    ("US", (-5, -6, -8, -7), "america"),
    ("CA", (-5, -8, -7, -6, -4), "america"),
    ("IS GH SN CI", (0,), ""),
    ("MA NG DZ TN", (1,), ""),
    ("ZA ZW", (2,), ""),
    ("EG IL LB", (2, 3), ""),
    ("TR BY SA KW QA IQ KE ET RU", (3,), ""),
    ("IR", (3.5,), ""),
    ("AE OM GE AM AZ", (4,), ""),
    ("PK UZ KZ", (5,), ""),
    ("IN LK", (5.5,), ""),
    ("BD", (6,), ""),
    ("TH VN ID KH", (7,), ""),
    ("CN TW HK SG MY PH MO", (8,), ""),
    ("JP KR", (9,), ""),
    ("AU", (10, 11, 8, 9.5), ""),
    ("NZ", (12, 13), ""),
    ("BR", (-3,), ""),
    ("AR UY", (-3,), ""),
    ("CL PY", (-3, -4), ""),
    ("VE BO DO PR", (-4,), ""),
    ("PE CO EC PA JM", (-5,), ""),
    ("MX CR GT SV HN NI", (-6,), ""),
)
HOURS_EAST: Mapping[str, tuple[tuple[float, ...], Summer]] = {
    country: (hours, summer) for countries, hours, summer in _TOLD for country in countries.split()
}
"""Standard time by country (ISO 3166, two letters), the zone of most people first, and whose summer time it has."""
EUROPE = ("GB", "DE", "FI")
"""One of each zone, for whoever's country and language are not known."""


def hours_east(country: str, at: datetime) -> tuple[float, ...]:
    """Hours ahead of UTC in a country that is in `HOURS_EAST`."""
    hours, summer = HOURS_EAST[country]
    shift = bool(summer) and is_summer(at, american=summer == "america")
    return tuple(hour + shift for hour in hours)


def is_summer(at: datetime, *, american: bool) -> bool:
    """Europe: last Sunday of March to last Sunday of October; America: second of March to first of November."""
    if american:
        return _sunday(at.year, 3, 8) <= at < _sunday(at.year, 11, 1)
    return _sunday(at.year, 3, 25) <= at < _sunday(at.year, 10, 25)


def _sunday(year: int, month: int, first: int) -> datetime:
    """The first Sunday from a day on, at one o'clock."""
    day = datetime(year, month, first, 1, tzinfo=UTC)
    return day + timedelta(days=6 - day.weekday())
