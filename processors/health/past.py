"""What a combination's past lets expect, block of time by block of time.

Trouble rarely comes once: an incident is often preceded by shorter spells of the same kind. Such spells make a
combination look used to failing, so what is usual where nothing is wrong is taken from the calmer half of its blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from processors.health.leaves import Leaves, thinned

MOST_ROWS = 40_000
"""Rows of the past that are looked at; of more, all failed ones and a sample of the good ones, weighed.

A region's rate is then uncertain by its failed rows, as before: sampled good rows still far outnumber them.
"""

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Past:
    """Rows of all blocks behind each other: calls and failed calls, and what only few looks ask for when it is asked.

    That is columns of codes, how many codes each has, and the number of the block each row is of.
    """

    kept: tuple[Leaves, ...]
    attributes: int
    calls: Floats
    bad: Floats

    @classmethod
    def of(cls, blocks: Sequence[Leaves], attributes: int) -> Past:
        """Lay the blocks behind each other, thinned out where they are large."""
        each = MOST_ROWS // max(1, len(blocks))
        kept = tuple(thinned(block, each, salt=number) for number, block in enumerate(blocks, 1))
        calls, bad = (np.concatenate([np.zeros(0), *(block.sums[:, at] for block in kept)]) for at in (0, 1))
        return cls(kept, attributes, calls, bad)

    def column(self, attribute: int) -> Numbers:
        """The code of each row."""
        return np.concatenate([np.zeros(0, np.int64), *(block.codes[:, attribute] for block in self.kept)])

    @cached_property
    def columns(self) -> list[Numbers]:
        """The codes of all attributes."""
        return [self.column(attribute) for attribute in range(self.attributes)]

    @cached_property
    def sizes(self) -> list[int]:
        """How many codes each attribute has."""
        return [1 + int(column.max(initial=0)) for column in self.columns]

    @cached_property
    def block(self) -> Numbers:
        """The number of the block of each row."""
        return np.repeat(np.arange(len(self.kept)), np.array([len(block.codes) for block in self.kept], np.int64))

    @property
    def blocks(self) -> int:
        """How many there are, at least one."""
        return max(1, len(self.kept))

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
