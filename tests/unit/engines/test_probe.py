from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.ports import LOOPBACK, keep_or_choose
from hypercare.engines.probe import ask_elasticsearch, ask_kafka, without_credentials
from hypercare.engines.yours import YourEngines
from tests.unit.engines.fakes import RememberingProgress


def test_engines_of_yours_that_are_away_are_a_stop_without_the_password(tmp_path: Path) -> None:
    ports = keep_or_choose(tmp_path / "ports.json", ("kafka", "elasticsearch"), say=print)
    url = f"http://me:secret@{LOOPBACK}:{ports['elasticsearch']}"
    engines = YourEngines(f"{LOOPBACK}:{ports['kafka']}", url)
    with pytest.raises(Stop) as stop:
        engines.start(RememberingProgress())
    assert "kafka at" in stop.value.problem
    assert "elasticsearch at" in stop.value.problem
    assert "secret" not in stop.value.problem
    assert engines.endpoints() is None


@pytest.mark.parametrize("nonsense", ["", "nowhere", "host:notaport", ":", "[::1"])
def test_nonsense_endpoints_are_answers_not_exceptions(nonsense: str) -> None:
    assert not ask_kafka(nonsense).ready
    assert not ask_elasticsearch(f"http://{nonsense}").ready
    assert not ask_elasticsearch(nonsense).ready


def test_credentials_are_cut_out() -> None:
    assert without_credentials("https://a:b@host:1/path") == "https://host:1/path"
    assert without_credentials("http://host:1") == "http://host:1"
