"""Versions that run side by side: how much fails in each, where a problem is."""

from __future__ import annotations

import numpy as np

from contracts.windows import ATTRIBUTES, OTHER, UNKNOWN
from processors.health.leaf_history import ProjectLeaves
from processors.health.pinpoint import inside
from processors.health.sighting import CauseKey

RELEASE = ATTRIBUTES.index("release")
FEWEST = 20
"""Calls of a version before anything is said of it."""
MOST = 4
Version = tuple[str, int, int]
"""Release, its calls, and how many of them failed."""


def side_by_side(leaves: ProjectLeaves, cause: CauseKey, since: int, until: int) -> tuple[Version, ...]:
    """The versions that took calls of a cause, whatever release it names; the busiest first, none unless two did."""
    rows = inside(leaves, tuple(pair for pair in cause if pair[0] != "release"), since, until)
    names, codes = leaves.values[RELEASE], rows.codes[:, RELEASE]
    calls = np.bincount(codes, rows.sums[:, 0], len(names))
    failed = np.bincount(codes, rows.sums[:, 1], len(names))
    seen = [
        (names[code], round(calls[code]), round(failed[code]))
        for code in np.argsort(-calls, kind="stable")
        if calls[code] >= FEWEST and names[code] not in {OTHER, UNKNOWN}
    ]
    return tuple(seen[:MOST]) if len(seen) > 1 else ()
