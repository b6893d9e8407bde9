"""Dates as people and their tools write them: ``30/Sep/21 17:20``, ``09/30/2021``, ``Sep 30, 2021 5:20 PM``.

Whether ``03/04/2021`` is in March or April cannot be seen in one row; `day_month_order` decides for a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts.errors import Rejected, Stop
from producers.adapters.moments import MONTHS, from_epoch, plausible

_CENTURY_TURN = 69
"""Two-digit years from 69 on belong to the last century, as POSIX has it."""
_MONTHS_A_YEAR = 12
_NOON = 12
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{13}|\d{16}|\d{19}", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?)?", re.ASCII)
_TIME = (
    r"(?:[\sT:,]+(?:at\s+)?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?(?:\s*\([A-Za-z ]+\)|\s*\[[\w/]+\])?"
_WEEKDAY = r"(?:[A-Za-z]{2,9}\.?,?\s+)?"
_SHAPES = tuple(
    re.compile(date + _TIME + _ZONE, re.ASCII)
    for date in (
        r"(?P<year>\d{4})(?P<mark>[./-])(?P<month>\d{1,2})[./-](?P<day>\d{1,2})",
        r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<then>\d{1,2})[./-](?P<year>\d{4}|\d\d)",
        _WEEKDAY
        + r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?[\s./-]*"
        + r"(?P<name>[A-Za-z]{3,9})\.?[\s./,-]*(?P<year>\d{4}|\d\d)",
        _WEEKDAY + r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    )
)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateRules:
    """How to read what a date alone does not tell."""

    day_first: bool = True
    zone: tzinfo = UTC
    format: str = ""
    """A strptime format; when given, nothing else is tried."""


def parse_date(text: str, rules: DateRules) -> datetime:
    """Read a date with or without time; raise `Rejected` when it is none."""
    text = text.strip()
    try:
        moment = _by_format(text, rules.format) if rules.format else _by_shape(text, rules)
        return plausible(moment if moment.tzinfo else moment.replace(tzinfo=rules.zone))
    except (ValueError, OverflowError):
        raise Rejected("invalid_time", "no such day or time") from None


def day_month_order(dates: Iterable[str]) -> tuple[bool, str]:
    """Tell whether the day comes first in ``03/04/2021``, and why; no reason if nothing hangs on it."""
    day_first = month_first = either = american = 0
    for date in dates:
        found = _SHAPES[1].fullmatch(date.strip())
        if found is None or found["mark"] == ".":
            continue
        either += 1
        day_first += int(found["first"]) > _MONTHS_A_YEAR
        month_first += int(found["then"]) > _MONTHS_A_YEAR
        american += found["half"] is not None
    if not either:
        return True, ""
    if day_first or month_first:
        said = f"{day_first} dates can only be day first, {month_first} only month first"
        return day_first >= month_first, f"dates are {_order(day_first >= month_first)}: {said}"
    guess = "with AM and PM" if american else "no date tells"
    return not american, f"dates are taken as {_order(not american)} ({guess}); --date-format says otherwise"


def zone_named(name: str) -> tzinfo:
    """Time zone such as ``Europe/Berlin`` or ``+02:00``; raise `Stop` for an unknown one."""
    offset = _OFFSET.fullmatch(name.strip())
    if offset:
        return _fixed(offset)
    try:
        return UTC if name.upper() in {"UTC", "Z", "GMT"} else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Stop(f"unknown time zone {name!r}", fix="--timezone Europe/Berlin, or --timezone +02:00") from None


def _order(day_first: bool) -> str:  # noqa: FBT001 - one argument
    return "day first" if day_first else "month first"


def _by_format(text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added by the caller
    except ValueError:
        raise Rejected("invalid_time", f"does not fit --date-format {form}") from None


def _by_shape(text: str, rules: DateRules) -> datetime:
    if _EPOCH.fullmatch(text):
        return from_epoch(text)
    compact = _COMPACT.fullmatch(text)
    if compact:
        return datetime(*(int(part or 0) for part in compact.groups()))  # type: ignore[arg-type] # noqa: DTZ001
    for shape in _SHAPES:
        found = shape.fullmatch(text)
        if found:
            return _assembled(found.groupdict(), rules)
    return datetime.fromisoformat(text)


def _assembled(parts: dict[str, str | None], rules: DateRules) -> datetime:
    day, month = _day_and_month(parts, rules)
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:  # noqa: PLR2004 - two digits
        year += 1900 if year >= _CENTURY_TURN else 2000
    moment = datetime(  # noqa: DTZ001 - the zone is added below or by the caller
        year,
        month,
        day,
        _hour(int(parts["hour"] or 0), parts["half"]),
        int(parts["minute"] or 0),
        int(parts["second"] or 0),
        int((parts["fraction"] or "0")[:6].ljust(6, "0")),
    )
    zone = parts["zone"]
    if not zone:
        return moment
    offset = _OFFSET.fullmatch(zone)
    return moment.replace(tzinfo=_fixed(offset) if offset else UTC)


def _day_and_month(parts: dict[str, str | None], rules: DateRules) -> tuple[int, int]:
    if parts.get("name"):
        month = MONTHS.get((parts["name"] or "")[:3].lower())
        if month is None:
            raise Rejected("invalid_time", "the month is not known")
        return int(parts["day"] or 0), month
    if parts.get("month"):
        return int(parts["day"] or 0), int(parts["month"] or 0)
    first, then = int(parts["first"] or 0), int(parts["then"] or 0)
    return (first, then) if rules.day_first or parts["mark"] == "." else (then, first)


def _hour(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        raise Rejected("invalid_time", "an hour with AM or PM is from 1 to 12")
    return hour % _NOON + (_NOON if half[0] in "pP" else 0)


def _fixed(offset: re.Match[str]) -> tzinfo:
    ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-ahead if offset[1] == "-" else ahead)
