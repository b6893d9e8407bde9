"""Why the time that a text names speaks for a call or against it, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from processors.feedback.joining.mention import DAY_S, Mention, moments
from processors.feedback.joining.mentioned_times import mentions
from processors.feedback.joining.wall_clocks import FIRST, LAST, STEP_S

MENTIONED = "mentioned"
"""Name of the evidence."""


def time_reason(texts: Iterable[str | None], written_at: datetime, lag_s: float, points: float) -> str:
    """Such as ``says "14:30", the call was at 14:28:10 UTC+2``; empty where no time is named.

    Where it speaks for the call, the writer's clock is taken to be the one by which it does, to the half hour.
    """
    said = [replace(mention, since=False) for mention in mentions(*texts)]
    if not said:
        return ""
    written, call = written_at.timestamp(), written_at.timestamp() - lag_s
    mention = min(said, key=lambda one: min((_off(one, written, call, east) for east in _offsets()), default=DAY_S))
    if mention.kind == "ago":
        return f'says "{mention.said}", the call was {_spoken(lag_s)} before'
    if mention.east_s is not None or mention.kind == "stamp" or points <= 0:
        return f'says "{mention.said}", the call was at {_clock(call, mention.east_s or 0.0)}'
    east_s = min(_offsets(), key=lambda east: (_off(mention, written, call, east), abs(east)))
    return f'says "{mention.said}", the call was at {_clock(call, east_s)}'


def _offsets() -> list[float]:
    return [step * STEP_S for step in range(FIRST, LAST + 1)]


def _off(mention: Mention, written: float, call: float, east_s: float) -> float:
    """Seconds between a call and the nearest moment that may be meant."""
    return min(
        (max(0.0, one.begin - call, call - one.end) for one in moments(mention, written, east_s)), default=2 * DAY_S
    )


def _clock(call: float, east_s: float) -> str:
    """What a clock showed, to the second, and where."""
    shown = datetime.fromtimestamp(call, UTC) + timedelta(seconds=east_s)
    hours, minutes = divmod(round(abs(east_s) / 60), 60)
    zone = f"UTC{'-' if east_s < 0 else '+'}{hours}{f':{minutes:02d}' if minutes else ''}" if east_s else "UTC"
    return f"{shown:%H:%M:%S} {zone}"


def _spoken(seconds: float) -> str:
    """Whole minutes, and hours from two hours on."""
    minutes = round(seconds / 60)
    if minutes < 120:  # noqa: PLR2004 - as people say it
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    return f"{minutes / 60:.1f} hours"
