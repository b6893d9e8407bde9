"""The example for subscribers does what it says, as its own process."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from pathlib import Path

from contracts.incidents import OPEN
from contracts.topics import INCIDENTS
from hypercare.documented import ROOT
from hypercare.engines.mock_broker import MockBroker
from tests.unit.front_door.pretended_stage import Told
from tests.unit.incidents_made import checkout, every, wish

EXAMPLE = ROOT / "docs" / "examples" / "subscribe.py"
PATIENCE_S = 30


def wait_for(file: Path, lines: int) -> list[str]:
    until = time.monotonic() + PATIENCE_S
    while len(found := file.read_text().splitlines()) < lines and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_a_subscriber_that_starts_late_sees_every_open_incident_and_each_change(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with MockBroker() as broker, out.open("w") as lines:
        broker.create([INCIDENTS.name])
        told = Told(broker.bootstrap)
        told.tell(INCIDENTS.name, [wish(state="closed"), *every()])
        process = subprocess.Popen([sys.executable, str(EXAMPLE), broker.bootstrap], stdout=lines)
        try:
            first = wait_for(out, 4)
            told.tell(INCIDENTS.name, [checkout(revision=13, state="resolved")])
            second = wait_for(out, 7)[4:]
        finally:
            process.kill()
            process.wait(PATIENCE_S)
    names = [line.split()[2] for line in first]
    assert names == ["inc-7c41aa", "inc-9d02bb", "inc-3e8f10", "inc-55d1e2"], "the list of `hypercare incidents`"
    assert [line.split()[2] for line in second] == names[1:], "what is resolved is gone"


def test_it_is_short_and_shown_whole_in_the_documentation() -> None:
    source = EXAMPLE.read_text()
    code = [line for line in source.splitlines()[1:] if line.strip()]
    assert len(code) <= 17
    assert source in (ROOT / "docs" / "incidents.md").read_text()


def test_it_knows_which_states_are_open_and_the_topic() -> None:
    body = ast.parse(EXAMPLE.read_text()).body
    (constants,) = (one for one in body if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Tuple))
    assert ast.literal_eval(constants.value) == (INCIDENTS.name, OPEN)


def test_without_an_address_it_says_what_to_give() -> None:
    ran = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Say where Kafka is: python ")
    assert ran.stderr.strip().endswith("subscribe.py localhost:9092")
