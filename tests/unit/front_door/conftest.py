"""The command line in front of a broker mock, with a stage that answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from hypercare.cli import main
from tests.unit.front_door.pretended_stage import Ended, PretendedStage, Run, pretended_stage
from tests.unit.incidents_made import every


@pytest.fixture(scope="module")
def stage() -> Iterator[PretendedStage]:
    with pretended_stage(every()) as (_, running):
        yield running


@pytest.fixture
def hypercare(stage: PretendedStage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; Elasticsearch is nowhere."""
    monkeypatch.setenv("HYPERCARE_ENGINES", "yours")
    monkeypatch.setenv("HYPERCARE_KAFKA", stage.bootstrap)
    monkeypatch.setenv("HYPERCARE_ELASTICSEARCH", "http://127.0.0.1:9")

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["hypercare", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return run
