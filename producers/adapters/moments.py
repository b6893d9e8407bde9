"""Times as machines write them: epoch numbers of any unit, ISO 8601, the common log format."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

from contracts.errors import Rejected
from producers.adapters.loose_values import number_of

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
FIRST_YEAR, LAST_YEAR = 1971, 2199
"""Outside of these a time is a mistake; inside them every shift and zone can be worked out."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))
"""Least value, units a second: today is 1.8e9 s, 1.8e12 ms, 1.8e15 µs, 1.8e18 ns."""
_CLF = re.compile(r"(\d\d)/([A-Za-z]{3})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)? ([+-])(\d\d)(\d\d)", re.ASCII)


def plausible(moment: datetime) -> datetime:
    """Return the moment, or raise `Rejected` when its year makes no sense."""
    if FIRST_YEAR <= moment.year <= LAST_YEAR:
        return moment
    raise Rejected("invalid_time", f"the year must be from {FIRST_YEAR} to {LAST_YEAR}")


def from_epoch(value: object) -> datetime:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size."""
    number = number_of(value)
    if number is None or number < 0:
        raise Rejected("invalid_time", "not a number since 1970")
    scale = 1.0
    for least, scale in _UNITS:  # noqa: B007 - the first that fits
        if number >= least:
            break
    if isinstance(value, int):
        seconds, rest = divmod(value, int(scale))
        moment = timedelta(seconds=seconds, microseconds=rest * 1e6 // scale)
    else:
        moment = timedelta(seconds=round(number / scale, 6))
    try:
        return plausible(_EPOCH + moment)
    except OverflowError:
        raise Rejected("invalid_time", "too far away") from None


def from_iso(text: str) -> datetime:
    """ISO 8601 with an offset."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Rejected("invalid_time", "not an ISO 8601 time") from None
    if moment.tzinfo is None:
        raise Rejected("invalid_time", "a time without offset")
    return plausible(moment)


@lru_cache(maxsize=4_096)
def from_bracket(text: str) -> datetime:
    """Read ``15/Jun/2026:09:00:00 +0200`` or ISO 8601; cached, since many lines share a second."""
    found = _CLF.fullmatch(text)
    if found is None:
        return from_iso(text)
    day, month, year, hour, minute, second, fraction, sign, ahead_h, ahead_m = found.groups()
    ahead = timedelta(hours=int(ahead_h), minutes=int(ahead_m))
    try:
        return plausible(
            datetime(
                int(year),
                MONTHS[month.lower()],
                int(day),
                int(hour),
                int(minute),
                min(int(second), 59),  # a leap second is written as 60
                int((fraction or "0").ljust(6, "0")),
                tzinfo=timezone(-ahead if sign == "-" else ahead) if ahead else UTC,
            )
        )
    except (ValueError, KeyError):
        raise Rejected("invalid_time", "no such day or time") from None
