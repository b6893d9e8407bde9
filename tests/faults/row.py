"""What a row of the fault table is, and the list of all of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hypercare.engines.engine import Endpoints
from tests.conftest import RunningEngines
from tests.faults.auditor import Audit
from tests.faults.system import System


@dataclass(frozen=True)
class Verdict:
    """What a row found. ``repeats_at_most`` and ``missing`` are what the fault explains."""

    audit: Audit
    recovered_s: float
    repeats_at_most: int
    missing: int = 0

    def problems(self) -> list[str]:
        """What breaks the promise."""
        return self.audit.problems(repeats_at_most=self.repeats_at_most, missing=self.missing)


class Make(Protocol):
    """Makes a system on the engines of this run; it is closed when the row is over."""

    def __call__(
        self,
        *,
        through: Endpoints | None = None,
        settings: Mapping[str, str] | None = None,
        kafka: str = "",
        prepare: Callable[[Sequence[str]], None] | None = None,
    ) -> AbstractContextManager[System]:
        """Make one.

        ``through`` are the endpoints that the stages see, ``kafka`` another Kafka than that of the run, ``prepare``
        makes its topics where that is not done as usual.
        """
        ...


@dataclass(frozen=True)
class Ground:
    """What a row stands on: engines, a folder, and chance by seed. ``full`` asks for the long form."""

    engines: RunningEngines
    home: Path
    seed: int
    full: bool
    system: Make

    def dice(self) -> random.Random:
        """Chance of this row."""
        return random.Random(self.seed)


Row = Callable[[Ground], Verdict]


@dataclass(frozen=True)
class Entry:
    """A row with its number in the list of faults; ``short`` ones run with every test run."""

    number: str
    fault: str
    run: Row
    short: bool


ROWS: dict[str, Entry] = {}


def row(number: str, fault: str, *, short: bool = False) -> Callable[[Row], Row]:
    """Enter a function into the table."""

    def enter(run: Row) -> Row:
        ROWS[number] = Entry(number, fault, run, short)
        return run

    return enter
