"""What a combination's past lets expect, block of time by block of time.

Trouble rarely comes once: an incident is often preceded by shorter spells of the same kind. Such spells make a
combination look used to failing, so what is usual where nothing is wrong is taken from the calmer half of its blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.health.leaves import Leaves, thinned

MOST_ROWS = 40_000
"""Rows of the past that are looked at; of more, all failed ones and a sample of the good ones, weighed.

A region's rate is then uncertain by its failed rows, as before: sampled good rows still far outnumber them.
"""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Past:
    """Rows of all blocks: columns of codes, calls, failed calls, and the number of the block each row is of."""

    columns: list[Numbers]
    calls: Floats
    bad: Floats
    block: Numbers
    blocks: int

    @classmethod
    def of(cls, blocks: Sequence[Leaves], attributes: int) -> Past:
        """Lay the blocks behind each other, thinned out where they are large."""
        each = MOST_ROWS // max(1, len(blocks))
        kept = [thinned(block, each, salt=number) for number, block in enumerate(blocks, 1)]
        sums = [block.sums.astype(np.float64) for block in kept]
        return cls(
            [
                np.concatenate([np.zeros(0, np.int64), *(block.codes[:, at].astype(np.int64) for block in kept)])
                for at in range(attributes)
            ],
            np.concatenate([np.zeros(0), *(some[:, 0] for some in sums)]),
            np.concatenate([np.zeros(0), *(some[:, 1] for some in sums)]),
            np.repeat(np.arange(len(kept)), np.array([len(block.codes) for block in kept], np.int64)),
            max(1, len(kept)),
        )

    def by_block(self, places: Numbers | npt.NDArray[np.int32], regions: int) -> tuple[Floats, Floats]:
        """Calls and failed calls, each (regions, blocks); ``places`` has the region of each row, or -1."""
        rows = np.flatnonzero(places >= 0)
        cells, size = places[rows] * self.blocks + self.block[rows], regions * self.blocks
        calls = np.bincount(cells, self.calls[rows], size).astype(np.float64)
        bad = np.bincount(cells, self.bad[rows], size).astype(np.float64)
        return calls.reshape(regions, self.blocks), bad.reshape(regions, self.blocks)


def calm(calls: Floats, bad: Floats) -> tuple[Floats, Floats]:
    """Calls and failed calls of each region's calmer half of blocks; blocks without calls come last.

    Both arguments are (regions, blocks), both results (regions,).
    """
    rates = np.where(calls > 0, bad / np.maximum(calls, 1e-9), np.inf)
    half = np.argsort(rates, axis=1, kind="stable")[:, : -(-calls.shape[1] // 2)]
    return np.take_along_axis(calls, half, 1).sum(axis=1), np.take_along_axis(bad, half, 1).sum(axis=1)
