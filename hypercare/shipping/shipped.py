"""What became of the lines a shipper read, and which of them come too late to be judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypercare.late import TO_SECONDS, late_before
from producers.ship.parse import Owner, Parsed


@dataclass(slots=True)
class Shipped:
    """What became of the lines, since the start.

    ``late`` counts calls that may not be judged, ``old`` those of them whose time is not believed (`hypercare.late`).
    """

    events: int = 0
    late: int = 0
    old: int = 0
    letters: int = 0
    again: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first_rejections: list[tuple[str, int, str, str]] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)


def late_in(parsed: Parsed, owner: Owner, now_s: float) -> tuple[int, int]:
    """How many calls are late at ``now_s``, and how many of them so old that their time is not believed."""
    if owner.kind != "calls":
        return 0, 0
    late, old = late_before(now_s)
    times = [event.time[:TO_SECONDS] for event in parsed.events]
    return sum(time < late for time in times), sum(time < old for time in times)
