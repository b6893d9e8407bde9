"""Puts regions that fail into the order in which they explain what fails.

How sure an alarm is and how well a region explains it are two questions. The likelihood ratio answers the first. For
the second it is a bad guide: it grows with ln(1/E), so a part of the cause whose short past happened to be calm beats
the cause itself. The statistic of Freeman and Tukey, which stabilises the variance, is at most twice the failures it
explains, however rare they used to be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.health.chances import poisson_score
from processors.health.sighting import CauseKey

ATTRIBUTE_COST = 0.03
"""Part of the best score that each further attribute has to earn: smaller regions fit better by chance."""
VALUE_COST = 0.2
"""Part of the best score that a further region of the same attributes has to earn to be part of the same answer."""
MOST_TOGETHER = 4
"""Regions of the same attributes that may be one answer together."""
KEPT = 0.98
"""Part of what failed too often in a region that a part of it has to keep to be named instead."""
SURE = 3.0
"""Log likelihood ratio from which what a region leaves over counts as clean, or as failing: 20 to 1."""

Floats = npt.NDArray[np.float64]
Pairs = tuple[tuple[int, int], ...]
Within = Callable[[Pairs, Pairs], bool]
"""Whether all calls that were seen in one region lie in another."""


@dataclass(frozen=True, slots=True)
class Region:
    """A combination as ``(attribute number, code)`` pairs, and what was counted there.

    ``expected`` is what its whole past lets expect and ``calm`` what the calmer half of it does; ``score`` says how
    sure it is that more fails than usual, as a log likelihood ratio, and ``worth`` how much of what fails it explains.
    """

    pairs: Pairs
    calls: float
    observed: float
    expected: float
    calm: float
    score: float
    worth: float


def freeman_tukey(observed: Floats, expected: Floats) -> Floats:
    """2 (√O - √E)² where more was observed than expected, else 0; on the scale of a log likelihood ratio.

    Source: Freeman and Tukey, "Transformations related to the angular and the square root", 1950; Read and Cressie,
    "Goodness-of-fit statistics for discrete multivariate data", 1988, has it as λ = -1/2.
    """
    worth: Floats = 2.0 * np.maximum(0.0, np.sqrt(observed) - np.sqrt(expected)) ** 2
    return worth


def ranked(regions: list[Region], within: Within) -> list[Region]:
    """Order regions by how well they explain what fails; ``within`` tells which lies in which.

    Regions of the same attributes compete with those of other attributes, alone or a few together (two countries fail,
    not one browser that both use): first come those of the best attributes, then the best of each other choice. Two
    regions in one answer, and further attributes, have to earn their place. Last, the first region is narrowed down.
    """
    by_attributes: dict[tuple[int, ...], list[Region]] = {}
    for region in sorted(regions, key=lambda region: (-region.worth, region.pairs)):
        by_attributes.setdefault(tuple(attribute for attribute, _ in region.pairs), []).append(region)
    if not by_attributes:
        return []
    best = max(sum(region.worth for region in some[:MOST_TOGETHER]) for some in by_attributes.values())
    answers = [_together(some, best) for some in by_attributes.values()]
    answers.sort(key=lambda answer: (-answer[0], answer[1][0].pairs))
    in_order = [region for _, chosen in answers for region in chosen]
    first = _narrowed(in_order[0], regions, within)
    return [first, *(region for region in in_order if region is not first)]


def _narrowed(region: Region, regions: list[Region], within: Within) -> Region:
    """The part of a region that holds all of the trouble, where the rest of it is known to be clean.

    A part has a further attribute, or another one that selects fewer of the same calls, as Safari does of those of
    Macs.
    """
    while parts := [
        part for part in regions if _is_all_of(part, region) and _is_part(part.pairs, region.pairs, within)
    ]:
        region = max(parts, key=lambda part: (part.worth, part.pairs))
    return region


def _is_part(part: Pairs, whole: Pairs, within: Within) -> bool:
    if len(part) == len(whole):
        return within(part, whole)
    return len(part) == len(whole) + 1 and set(whole) < set(part)


def _is_all_of(part: Region, whole: Region) -> bool:
    """Whether the calls of the whole that are not in the part fail no more than usual, and would if they could.

    That siblings are normal is what RiskLoc (Kalander 2022) and Squeeze (Li et al. 2019) look for too; here it takes
    a likelihood ratio, so that siblings with few calls prove nothing. Siblings that fail half as often belong to it.
    """
    calls, failed = whole.calls - part.calls, whole.observed - part.observed
    if calls <= 0 or failed < 0:
        return False
    usual = whole.calm / whole.calls * calls
    half = usual + 0.5 * (part.observed - part.calm) / part.calls * calls
    clean = failed - usual <= (1 - KEPT) * (whole.observed - whole.calm) or (
        failed <= usual or poisson_score(failed, usual) < SURE
    )
    return clean and failed < half and poisson_score(failed, half) >= SURE


def _together(regions: list[Region], best: float) -> tuple[float, list[Region]]:
    """The first few regions that are worth most together, and what they are worth."""
    cost = ATTRIBUTE_COST * best * (len(regions[0].pairs) - 1)
    worth, count, total = -math.inf, 1, 0.0
    for number, region in enumerate(regions[:MOST_TOGETHER]):
        total += region.worth
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


def named(region: Region, names: tuple[str, ...], values: tuple[tuple[str, ...], ...]) -> CauseKey:
    """The region in words."""
    return tuple((names[attribute], values[attribute][code]) for attribute, code in region.pairs)
