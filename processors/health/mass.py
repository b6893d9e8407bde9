"""Finds the combinations of attributes whose share of an additive measure grew: seconds of latency, bytes, rows.

Failed calls are counted, and a count's variance is its mean. An additive measure's variance is a multiple of its mean,
the dispersion. In units of its dispersion it can be scanned as counts are: quasi-likelihood, McCullagh and Nelder,
"Generalized Linear Models", 1989, section 9.2. That multiple has to be the same everywhere, but a call that usually
takes ten times as long varies by ten times as many milliseconds (a constant coefficient of variation, their chapter 8).
So what each value of ``mix`` has is brought to the pace of all of them first.

To second order the score is half the gain, in weighted least squares, of letting one factor multiply the region's
expectation E, with weights 1/(dispersion · E): (O - E)²/(2 · dispersion · E).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from contracts.windows import ATTRIBUTES
from processors.health.leaves import Leaves, thinned
from processors.health.past import MOST_ROWS
from processors.health.rank import Region
from processors.health.scan import MOST_ATTRIBUTES, ROUTE, scan

Floats = npt.NDArray[np.float64]
CAUTION = 4.0
"""A number of calls is taken for that of a sample of one in so many: in a small region one heavy tail is much."""

KNOWN = 10.0
"""Calls at the pace of all that are added to those of a value: of three calls nobody knows the pace."""


def scan_mass(
    now: Leaves,
    past: Sequence[Leaves],
    *,
    attributes: int = len(ATTRIBUTES),
    mix: int | None = ROUTE,
    other: int | None = 0,
    most: int = 30,
    together: int = MOST_ATTRIBUTES,
) -> list[Region]:
    """The regions whose mass grew most beyond the calls there, best first; arguments are those of `scan`.

    Sums hold calls and mass. ``observed``, ``expected`` and ``calm`` of a region are masses in the same unit; ``score``
    and ``worth`` do not depend on it. Latencies have heavier tails than counts, so an alarm needs about twice the score
    that it needs for counts. Without a past that varies there is nothing to hold a mass against, so no region.
    """
    if mix is not None:
        paces = _paces(now, past, mix)
        now, past = _at_one_pace(now, paces, mix), [_at_one_pace(block, paces, mix) for block in past]
    unit = dispersion(past, mix) * _weight(now)
    if unit <= 0:
        return []
    each = MOST_ROWS // max(1, len(past))
    kept = [thinned(block, each, salt=number, keep_bad=False) for number, block in enumerate(past, 1)]
    blocks = [_in_units(block, unit) for block in kept]
    found = scan(
        _in_units(now, unit), blocks, attributes=attributes, mix=mix, other=other, most=most, together=together
    )
    return [replace(r, observed=r.observed * unit, expected=r.expected * unit, calm=r.calm * unit) for r in found]


def dispersion(past: Sequence[Leaves], mix: int | None) -> float:
    """Variance of a call's mass over its mean, in the unit of the mass; 0 when nothing is known.

    Pearson's estimate, without what the weights of a sample add, against the mean mass a call of each value of ``mix``.
    What the other attributes really change counts as noise, so it is rather too large, and scores too low, than the
    other way round.
    """
    rows = sum(len(block.codes) for block in past)
    if not rows:
        return 0.0
    sums = np.concatenate([block.sums for block in past]).astype(np.float64)
    codes = np.concatenate([block.codes[:, mix or 0] for block in past]) * (mix is not None)
    calls, mass = np.bincount(codes, sums[:, 0]), np.bincount(codes, sums[:, 1])
    usual: Floats = (mass / np.maximum(calls, 1.0))[codes] * sums[:, 0]
    known = usual > 0
    values = len(np.unique(codes[known]))
    weights = np.concatenate([_weights(block) for block in past])
    residuals = (sums[known, 1] - usual[known]) ** 2 / (usual[known] * weights[known])
    return float(residuals.sum() / max(1, len(residuals) - values))


def _paces(now: Leaves, past: Sequence[Leaves], mix: int) -> Floats:
    """By what the mass of each value of ``mix`` is multiplied, to be that of all values; 1 where nothing is known."""
    codes = np.concatenate([now.codes[:0, mix], *(block.codes[:, mix] for block in past)])
    sums = np.concatenate([now.sums[:0], *(block.sums for block in past)]).astype(np.float64)
    size = 1 + int(max(now.codes[:, mix].max(initial=0), codes.max(initial=0)))
    whole = sums[:, 1].sum() / max(sums[:, 0].sum(), 1.0)
    calls, mass = (np.bincount(codes, sums[:, column], size) for column in (0, 1))
    means = (mass + KNOWN * whole) / (calls + KNOWN)
    paces: Floats = np.where(means > 0, whole / np.where(means > 0, means, 1.0), 1.0)
    return paces


def _at_one_pace(leaves: Leaves, paces: Floats, mix: int) -> Leaves:
    sums = leaves.sums.astype(np.float64)
    sums[:, 1] *= paces[leaves.codes[:, mix]]
    return replace(leaves, sums=sums)


def _weights(leaves: Leaves) -> Floats:
    """How many times as much the mass of each leaf varies as if its calls had all been counted: Σw² / Σw (Kish)."""
    calls = np.maximum(leaves.sums[:, 0].astype(np.float64), 1.0)
    weights: Floats = np.ones(len(calls)) if leaves.variance is None else 1.0 + leaves.variance / calls
    return weights


def _weight(leaves: Leaves) -> float:
    """The same for all leaves together."""
    calls = float(leaves.sums[:, 0].sum())
    return 1.0 + float(leaves.variance.sum()) / max(calls, 1.0) if leaves.variance is not None else 1.0


def _in_units(leaves: Leaves, unit: float) -> Leaves:
    calm = (CAUTION * leaves.sums[:, 0]).astype(np.int64)
    return Leaves(leaves.codes, leaves.sums / np.array([1.0, unit]), calm)
