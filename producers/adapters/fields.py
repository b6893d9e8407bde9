"""One record, read field by field; what nobody reads is left over, and what cannot be understood is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar

from contracts.errors import Rejected
from producers.adapters.loose_values import (
    DAY_MS,
    NAME_CHARS,
    address_of,
    count_of,
    number_of,
    status_of,
    text_of,
)
from producers.adapters.moments import from_bracket, from_epoch, from_iso

T = TypeVar("T")

MILLISECONDS: Final = 1.0
SECONDS: Final = 1_000.0
NANOSECONDS: Final = 1e-6
"""What one unit of a duration is in milliseconds."""
_NOTHING = frozenset({"", "-"})
_DIGITS = re.compile(r"\d{1,19}(?:\.\d{1,9})?", re.ASCII)


class Fields:
    """A record that is taken apart: a field that was read is gone from it, and from ``left``.

    The record is used up; it must belong to the caller alone, as what was parsed from a line does. Every reader takes
    the names one fact may have and returns the first that says something. ``unreadable`` holds the names of fields
    that were there but not of a kind that can be understood, such as a text for a number.
    """

    __slots__ = ("left", "prefix", "unreadable")

    def __init__(self, record: dict[str, Any], prefix: str = "", unreadable: list[str] | None = None) -> None:
        self.left = record
        self.prefix = prefix
        self.unreadable: list[str] = [] if unreadable is None else unreadable

    def text(self, *names: str, limit: int = NAME_CHARS) -> str | None:
        """A text, cut to ``limit`` characters; a number or truth value as it is written."""
        found: str | None = None
        for name in names:
            value = self.left.pop(name, None)
            if value is None or found is not None:
                continue
            if value.__class__ is str and 1 < len(value) <= limit and "\x00" not in value:  # the usual case
                text = value.strip()
                if len(text) > 1:
                    found = text
                    continue
            found = text_of(value, limit)
            if found is None:
                self._unread(name, value)
        return found

    def number(self, *names: str) -> float | None:
        """A finite number."""
        return self._first(names, number_of)

    def count(self, *names: str) -> int | None:
        """A whole number from 0 to 2**53."""
        return self._first(names, count_of)

    def status(self, *names: str) -> int | None:
        """An HTTP status."""
        return self._first(names, status_of)

    def address(self, *names: str) -> str | None:
        """An IP address, without its port."""
        return self._first(names, address_of)

    def duration(self, *names: str, unit: float) -> float | None:
        """A duration in milliseconds, to the microsecond; ``unit`` is what the field is written in."""
        found: float | None = None
        for name in names:
            value = self.left.pop(name, None)
            if value is not None and found is None:
                number = number_of(value)
                if number is not None and 0 <= number * unit <= DAY_MS:
                    found = round(number * unit, 3)
                else:
                    self._unread(name, value)
        return found

    def take(self, *names: str) -> object:
        """Whatever the first of these fields holds that is there, unread."""
        found = None
        for name in names:
            value = self.left.pop(name, None)
            if found is None:
                found = value
        return found

    def part(self, name: str) -> Fields:
        """The fields of an inner object; none when it is no object."""
        value = self.left.pop(name, None)
        if value is not None and value not in ("", "-") and not isinstance(value, dict):
            self.unreadable.append(self.prefix + name)
        return Fields(value if isinstance(value, dict) else {}, f"{self.prefix}{name}.", self.unreadable)

    def moment(self, *names: str) -> datetime:
        """When it happened: ISO 8601, the common log format, or a number since 1970; raise `Rejected` without one."""
        for name in names:
            value = self.left.pop(name, None)
            if value is None or value in ("", "-"):
                continue
            for rest in names:
                self.left.pop(rest, None)
            try:
                return _moment(value)
            except Rejected as error:
                raise Rejected(error.reason, f"{self.prefix}{name}: {error.detail}") from None
        raise Rejected("missing_field", f"{self.prefix}{names[0]}: not there" + _instead(names))

    def needed_status(self, *names: str) -> int:
        """The status that was answered; raise `Rejected` without one."""
        for name in names:
            value = self.left.pop(name, None)
            if value is None or value in ("", "-"):
                continue
            status = status_of(value)
            if status is None:
                raise Rejected("invalid_status", f"{self.prefix}{name}: not a number from 0 to 999")
            return status
        raise Rejected("missing_field", f"{self.prefix}{names[0]}: not there" + _instead(names))

    def drop(self, *names: str) -> None:
        """Leave fields out that nobody may see or needs to."""
        for name in names:
            self.left.pop(name, None)

    def rest(self) -> Iterator[tuple[str, object]]:
        """Everything that was not read, with its whole name; objects one level down as their own fields."""
        for name, value in self.left.items():
            if isinstance(value, dict):
                yield from ((f"{self.prefix}{name}.{inner}", found) for inner, found in value.items())
            else:
                yield self.prefix + name, value

    def _first(self, names: tuple[str, ...], read: Callable[[Any], T | None]) -> T | None:
        found: T | None = None
        for name in names:
            value = self.left.pop(name, None)
            if value is not None and found is None:
                found = read(value)
                if found is None:
                    self._unread(name, value)
        return found

    def _unread(self, name: str, value: object) -> None:
        """Note a field that was there and could not be understood; a dash and an empty text say nothing."""
        if not (isinstance(value, str) and value.strip() in _NOTHING):
            self.unreadable.append(self.prefix + name)


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        return from_epoch(value)
    text = value.strip()
    if _DIGITS.fullmatch(text):
        return from_epoch(text)
    return from_bracket(text) if text[2:3] == "/" else from_iso(text)


def _instead(names: tuple[str, ...]) -> str:
    return f", nor {', '.join(names[1:])}" if len(names) > 1 else ""
