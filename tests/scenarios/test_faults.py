"""The short rows of the fault table, with a seed of their own each; `make faults` runs all, in their long form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import RunningEngines
from tests.faults.run import ground_for
from tests.faults.table import ROWS

pytestmark = pytest.mark.engines
SEED = int(os.environ.get("SEED", "20260615"))


STOPS_ENGINES = frozenset({"4", "12"})
ALONE = STOPS_ENGINES | {"16b"}
"""The last one fills the disk, as far as Elasticsearch knows."""


SHORT = [
    pytest.param(entry.number, marks=[pytest.mark.alone] if entry.number in ALONE else [])
    for entry in ROWS.values()
    if entry.short
]


@pytest.mark.parametrize("number", SHORT)
def test_nothing_is_lost_and_nothing_is_twice(number: str, engines: RunningEngines, tmp_path: Path) -> None:
    if number in STOPS_ENGINES and engines.local is None:
        pytest.skip("only engines that are processes of ours may be killed")
    verdict = ROWS[number].run(ground_for(engines, tmp_path, SEED, full=False))
    assert verdict.problems() == []
