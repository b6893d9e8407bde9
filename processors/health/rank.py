"""Puts regions that fail into the order in which they explain what fails."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.windows import ATTRIBUTES
from processors.health.sighting import CauseKey

ATTRIBUTE_COST = 0.05
"""Part of the best score that each further attribute has to earn: smaller regions fit better by chance."""
VALUE_COST = 0.2
"""Part of the best score that a further region of the same attributes has to earn to be part of the same answer."""
MOST_TOGETHER = 4
"""Regions of the same attributes that may be one answer together."""


@dataclass(frozen=True, slots=True)
class Region:
    """A combination as ``(attribute number, code)`` pairs, and what was counted there."""

    pairs: tuple[tuple[int, int], ...]
    calls: float
    observed: float
    expected: float
    score: float


def ranked(regions: list[Region]) -> list[Region]:
    """Order regions by how well they explain what fails.

    Regions of the same attributes compete with those of other attributes, alone or a few together (two countries fail,
    not one browser that both use): first come those of the best attributes, then the best of each other choice. Two
    regions in one answer, and further attributes, have to earn their place.
    """
    by_attributes: dict[tuple[int, ...], list[Region]] = {}
    for region in sorted(regions, key=lambda region: (-region.score, region.pairs)):
        by_attributes.setdefault(tuple(attribute for attribute, _ in region.pairs), []).append(region)
    if not by_attributes:
        return []
    best = max(sum(region.score for region in some[:MOST_TOGETHER]) for some in by_attributes.values())
    answers = [_together(some, best) for some in by_attributes.values()]
    answers.sort(key=lambda answer: (-answer[0], answer[1][0].pairs))
    return [region for _, chosen in answers for region in chosen]


def _together(regions: list[Region], best: float) -> tuple[float, list[Region]]:
    """The first few regions that are worth most together, and what they are worth."""
    cost = ATTRIBUTE_COST * best * (len(regions[0].pairs) - 1)
    worth, count, total = -math.inf, 1, 0.0
    for number, region in enumerate(regions[:MOST_TOGETHER]):
        total += region.score
        if total - VALUE_COST * best * number > worth:
            worth, count = total - VALUE_COST * best * number, number + 1
    return worth - cost, regions[:count]


def told_apart(regions: list[Region]) -> Iterator[Region]:
    """Leave out a region that counts the same calls as a better one: its further attributes are implied."""
    seen: set[tuple[float, float]] = set()
    for region in regions:
        same = region.calls, region.observed
        if same not in seen:
            seen.add(same)
            yield region


def named(region: Region, values: tuple[tuple[str, ...], ...]) -> CauseKey:
    """The region in words."""
    return tuple((ATTRIBUTES[attribute], values[attribute][code]) for attribute, code in region.pairs)
