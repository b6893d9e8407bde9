"""Both stories on real engines, with stages killed in the middle: the list says what was planted, and nothing else.

``python -m tests.scenarios.killed_story`` is the long version, which holds more kills against an undisturbed run.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import RunningEngines
from tests.scenarios.killed_story import play, until_now

pytestmark = pytest.mark.engines
LENGTH, CHUNK, KILLS, SEED = timedelta(minutes=21), timedelta(minutes=7), 4, 3
CHECKOUT, ERP = "browser Mobile Safari + upstream pay-1.shop.example.com", "upstream db-ledger"


def test_both_faults_are_named_exactly_though_stages_were_killed(engines: RunningEngines, tmp_path: Path) -> None:
    end = play(engines, tmp_path, until_now(LENGTH), KILLS, SEED, length=LENGTH, chunk=CHUNK)
    assert len(end.kills) == KILLS
    assert not end.wrong, end.kills
    assert set(end.incidents) == {CHECKOUT, ERP}, end.kills
    for name, one in end.incidents.items():
        assert (one["nature"], one["state"], one["blame"]) == ("malfunction", "new", "upstream"), (name, end.kills)
        assert one["evidence"] == ("finding", "group"), (name, end.kills)
        assert end.complaints[name], (name, end.kills)
