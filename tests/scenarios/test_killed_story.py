"""A short run of the two stories with every kind of stage liable to be killed; the long one is `killed_story`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunningEngines
from tests.scenarios.killed_story import play

pytestmark = pytest.mark.engines
KILLS, SEED = 3, 7


def test_the_same_incidents_although_stages_are_killed(engines: RunningEngines, tmp_path: Path) -> None:
    homes = tmp_path / "undisturbed", tmp_path / "killed"
    for home in homes:
        home.mkdir()
    undisturbed, killed = play(engines, homes[0], 0, SEED), play(engines, homes[1], KILLS, SEED)
    assert len(killed.kills) == KILLS
    assert len(undisturbed.incidents) >= 2, "both faults"
    assert undisturbed.differences(killed) == []
