"""What the demo prints at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.incidents import Incident
from hypercare.cli import _print_demo
from hypercare.demo import Demo
from hypercare.engines.engine import Endpoints
from tests.unit.front_door.test_late import summary
from tests.unit.incidents_made import NOON, every

if TYPE_CHECKING:
    import pytest


def test_what_to_fix_next_is_headed_once(capsys: pytest.CaptureFixture[str]) -> None:
    incidents: tuple[Incident, ...] = tuple(every())
    endpoints = Endpoints("127.0.0.1:1", "http://127.0.0.1:2")
    _print_demo(Demo(endpoints, [], [], summary(calls=0, late=0), [], {}, 1.0, 1.0, NOON, incidents))
    printed = capsys.readouterr().out
    assert printed.count("What to fix next") == 1
    assert all(printed.count(one.incident) == 1 for one in incidents[:1])
