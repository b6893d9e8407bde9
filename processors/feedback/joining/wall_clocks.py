"""How far the clocks of those who write are ahead of UTC: by their country or language at first, then learned.

What is learned is the half hour by which a clock that somebody names differs from the call that it surely is about, by
project and country, and by project for whoever's country is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from processors.feedback.joining.by_project import row_of
from processors.feedback.joining.mention import DAY_S, Mention
from processors.feedback.joining.summer_time import EUROPE, HOURS_EAST, hours_east
from processors.runtime.tables import State, Table, TableSpec, table_of

STRENGTH = 4.0
"""How many learned clocks what is supposed is worth."""
MEMORY = 0.995
"""What each clock leaves of the earlier ones."""
IN_UTC = 0.1
"""Part of the clocks that are in UTC: people of the trade, pages that print it."""
STEP_S = 1_800.0
FIRST, LAST = -24, 28
"""Offsets in half hours: from twelve hours behind to fourteen ahead."""
SHARPEST_S = 400.0
"""What is out by more as a rule tells no half hour."""
LEAST, MOST = 0.03, 6
"""Offsets that are less likely are left out, and the others but for so many."""
SPOKEN_IN: Mapping[str, tuple[str, ...]] = {
    "en": ("GB", "US", "IN"), "de": ("DE",), "fr": ("FR",), "es": ("ES", "MX", "CO", "AR"), "pt": ("PT", "BR"),
    "zh": ("CN",),
}  # fmt: skip
Offsets = tuple[tuple[float, float], ...]
"""Seconds ahead of UTC, and how likely that is."""


@dataclass(slots=True)
class Clocks:
    """How often clocks of a country of a project were so many half hours ahead."""

    counts: dict[str, float]


CLOCKS: TableSpec[Clocks] = table_of(Clocks, "join_clocks", capacity=20_000)


class WallClocks:
    """The clocks of all projects of a partition."""

    def __init__(self, state: State) -> None:
        self._table: Table[Clocks] = state[CLOCKS]

    def offsets(self, project: str, country: str, language: str, at: float) -> Offsets:
        """Offsets that somebody's clock may have at a time, the likeliest first."""
        chances = {step: STRENGTH * chance for step, chance in _supposed(country, language, int(at // DAY_S))}
        learned = self._table.get(row_of(project, country if country in HOURS_EAST else ""))
        for step, count in (learned.counts if learned else {}).items():
            chances[int(step)] = chances.get(int(step), 0.0) + count
        whole = sum(chances.values())
        likely = sorted(((-chance / whole, step) for step, chance in chances.items() if chance / whole >= LEAST))
        return tuple((step * STEP_S, -chance) for chance, step in likely[:MOST])

    def learn(self, project: str, country: str, mention: Mention, call_at: float, weight: float = 1.0) -> None:
        """Take in that a clock was named for a call at a time, or with a negative weight back."""
        step = offset_of(mention, call_at)
        if step is None:
            return
        for where in dict.fromkeys((country if country in HOURS_EAST else "", "")):
            row = row_of(project, where)
            learned = self._table.get(row) or Clocks({})
            if weight > 0:
                learned.counts = {name: round(count * MEMORY, 9) for name, count in learned.counts.items()}
            learned.counts[str(step)] = max(0.0, learned.counts.get(str(step), 0.0) + weight)
            self._table[row] = learned


def offset_of(mention: Mention, call_at: float) -> int | None:
    """Half hours by which a clock that was named is ahead of its call, None where that cannot be told."""
    sharp = mention.kind == "wall" and mention.begin == mention.end and mention.spread_s <= SHARPEST_S
    if not sharp or mention.halves or mention.east_s is not None:
        return None
    ahead = (mention.begin - call_at % DAY_S) % DAY_S
    step = round(ahead / STEP_S)
    if step > LAST:
        step -= round(DAY_S / STEP_S)
    return step if FIRST <= step <= LAST else None


@lru_cache(maxsize=4_096)
def _supposed(country: str, language: str, day: int) -> tuple[tuple[int, float], ...]:
    """Chance of each half hour on a day, before anything is learned."""
    at = datetime.fromtimestamp(day * DAY_S, UTC)
    places = (country,) if country in HOURS_EAST else SPOKEN_IN.get(language, EUROPE)
    chances = {0: IN_UTC}
    for place in places:
        hours = hours_east(place, at)
        for hour in hours:
            step = round(2 * hour)
            chances[step] = chances.get(step, 0.0) + (1 - IN_UTC) / len(places) / len(hours)
    return tuple(sorted(chances.items()))
