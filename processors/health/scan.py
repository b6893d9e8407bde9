"""Finds the combinations of attributes under which far more calls fail than usual.

For every combination of up to three attributes the failed calls are held against what its own past lets expect, by
the likelihood ratio of two Poisson rates: the scan statistic of Kulldorff (1997), with the past as uncertain as it is.
The past of a small combination says little, so it is shrunk towards what its mix of routes usually does.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from contracts.windows import ATTRIBUTES
from processors.health.leaf_history import Leaves
from processors.health.sighting import CauseKey

PSEUDO_CALLS = 1_000.0
"""Calls of its mix of routes that are added to a combination's own past: what routes do is known far better."""
SAMPLED = 4.0
"""Good calls behind one leaf of a sample: its square root scales how uncertain a number of calls is."""
ATTRIBUTE_COST = 0.05
"""Part of the best score that each further attribute has to earn: smaller regions fit better by chance."""
VALUE_COST = 0.2
"""Part of the best score that a further region of the same attributes has to earn to be part of the same answer."""
MOST_TOGETHER = 4
"""Regions of the same attributes that may be one answer together."""
FEWEST = 5
"""Failed calls below which nothing is called a cause."""
PROMISING = 6.0
"""Score against the mix of routes from which a combination's own past is looked up: well below any alarm."""
MOST_ATTRIBUTES = 3
ROUTE = ATTRIBUTES.index("route")

MOST_COLUMNS = 64
"""Attributes that can be told apart at all."""

Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]
_SEEDS = np.random.default_rng(1997).integers(1, 2**63, MOST_COLUMNS, dtype=np.uint64) | np.uint64(1)


@dataclass(frozen=True, slots=True)
class Region:
    """A combination as ``(attribute number, code)`` pairs, and what was counted there."""

    pairs: tuple[tuple[int, int], ...]
    calls: float
    observed: float
    expected: float
    score: float


def holds(leaves: Leaves, pairs: tuple[tuple[int, int], ...]) -> npt.NDArray[np.bool_]:
    """Which rows lie in a region."""
    mask = np.ones(len(leaves.codes), dtype=np.bool_)
    for attribute, code in pairs:
        mask &= leaves.codes[:, attribute] == code
    return mask


def scan(
    now: Leaves, past: Leaves, *, attributes: int = len(ATTRIBUTES), mix: int | None = ROUTE, most: int = 30
) -> list[Region]:
    """The regions that score best, best first, each with as few attributes as select the same failed calls.

    The first ``attributes`` columns of the codes are combined; ``mix`` is the one whose values have rates of their own
    that a combination with a short past is expected to share, if any.
    """
    if not now.sums[:, 1].any():
        return []
    sides = _Sides(now, past, _hashes(now, attributes), _hashes(past, attributes), _prior(now, past, mix))
    found: list[Region] = []
    for count in range(1, min(MOST_ATTRIBUTES, attributes) + 1):
        for some in combinations(range(attributes), count):
            found.extend(_regions(sides, some))
    return list(_told_apart(ranked(found)))[:most]


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


@dataclass(frozen=True, slots=True)
class _Sides:
    """Now and the past, each with a hash for every code, and what each row of now lets expect."""

    now: Leaves
    past: Leaves
    hashes: list[Hashes]
    past_hashes: list[Hashes]
    prior: Floats


def _regions(sides: _Sides, attributes: tuple[int, ...]) -> Iterator[Region]:
    """Every region of these attributes where more failed than is to be expected."""
    now, past = sides.now, sides.past
    bad = now.sums[:, 1] > 0
    keys = _keys(sides.hashes, attributes)
    regions, first, which = np.unique(keys[bad], return_index=True, return_inverse=True)
    observed = np.bincount(which, now.sums[bad, 1].astype(float), len(regions)).astype(np.float64)
    enough = observed >= FEWEST
    if not enough.any():
        return
    regions, first, observed = regions[enough], first[enough], observed[enough]
    calls, usual = _sums_at(keys, regions, now.sums[:, 0].astype(np.float64), sides.prior)
    calls, usual = _upper(calls, usual)
    promising = poisson_scores(observed, usual) >= PROMISING
    if not promising.any():
        return
    regions, first, observed = regions[promising], first[promising], observed[promising]
    calls, usual = calls[promising], usual[promising]
    past_calls, past_bad = _sums_at(
        _keys(sides.past_hashes, attributes), regions, past.sums[:, 0].astype(float), past.sums[:, 1].astype(float)
    )
    past_bad, past_calls = past_bad + PSEUDO_CALLS * usual / calls, past_calls + PSEUDO_CALLS
    expected = np.maximum(past_bad / past_calls * calls, 1e-6)
    scores = np.where(observed > expected, _two_rates(observed, calls, past_bad, past_calls), 0.0)
    rows = np.flatnonzero(bad)[first]
    for index in np.flatnonzero(scores > 0):
        codes = now.codes[rows[index]]
        yield Region(
            tuple((attribute, int(codes[attribute])) for attribute in attributes),
            float(calls[index]),
            float(observed[index]),
            float(expected[index]),
            float(scores[index]),
        )


def _upper(calls: Floats, usual: Floats) -> tuple[Floats, Floats]:
    """Calls of a sample at its upper standard error, and what they let expect: no alarm for want of sampled calls."""
    upper = calls + np.sqrt(SAMPLED * calls) + SAMPLED
    return upper, usual * upper / calls


def poisson_scores(observed: Floats, expected: Floats) -> Floats:
    """O ln(O/E) - (O - E) where more was observed than expected, else 0."""
    safe = np.maximum(expected, 1e-6)
    scores: Floats = np.where(observed > safe, observed * np.log(observed / safe) - (observed - safe), 0.0)
    return scores


def _two_rates(observed: Floats, calls: Floats, past_bad: Floats, past_calls: Floats) -> Floats:
    """Log likelihood ratio of two Poisson rates against one; with a long past it is the scan statistic."""
    pooled = (observed + past_bad) / (calls + past_calls)
    score: Floats = observed * np.log(observed / (pooled * calls)) + past_bad * np.log(past_bad / (pooled * past_calls))
    return score


def _hashes(leaves: Leaves, attributes: int) -> list[Hashes]:
    """A column of hashes for each attribute, such that their sums tell combinations apart."""
    return [(leaves.codes[:, number].astype(np.uint64) + np.uint64(1)) * _SEEDS[number] for number in range(attributes)]


def _keys(hashes: list[Hashes], attributes: tuple[int, ...]) -> Hashes:
    keys = hashes[attributes[0]]
    for attribute in attributes[1:]:
        keys = keys + hashes[attribute]
    return keys


def _sums_at(keys: Hashes, regions: Hashes, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Sums of two columns over the rows of each region; regions are sorted."""
    places = np.searchsorted(regions, keys)
    places[places == len(regions)] = 0
    inside = regions[places] == keys
    at = places[inside]
    sums: tuple[Floats, Floats] = (
        np.bincount(at, first[inside], len(regions)).astype(np.float64),
        np.bincount(at, second[inside], len(regions)).astype(np.float64),
    )
    return sums


def _prior(now: Leaves, past: Leaves, mix: int | None) -> Floats:
    """Failed calls that each row's route lets expect, shrunk towards all routes together."""
    calls, bad = past.sums[:, 0].astype(np.float64), past.sums[:, 1].astype(np.float64)
    overall = (bad.sum() + 0.5) / (calls.sum() + 100.0)
    if mix is None:
        flat: Floats = overall * now.sums[:, 0]
        return flat
    values = int(max(now.codes[:, mix].max(initial=0), past.codes[:, mix].max(initial=0))) + 1
    value_calls, value_bad = (
        np.bincount(past.codes[:, mix], calls, values),
        np.bincount(past.codes[:, mix], bad, values),
    )
    rates = (value_bad + PSEUDO_CALLS * overall) / (value_calls + PSEUDO_CALLS)
    expected: Floats = rates[now.codes[:, mix]] * now.sums[:, 0]
    return expected


def _told_apart(regions: list[Region]) -> Iterator[Region]:
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
