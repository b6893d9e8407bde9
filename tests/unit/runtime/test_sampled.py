"""A profile of a benchmark tells which part was at work, and changes nothing about how a process ends."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.sampled import functions, parts, read

WORK = """
import sys, time

def busy():
    while time.process_time() < 0.5:
        sum(range(100))

busy()
sys.exit(3)
"""


def test_each_sample_belongs_to_the_innermost_part_that_is_no_standard_library() -> None:
    stacks = Counter(
        {
            "__main__:<module>;processors.telemetry.stage:process;json:dumps": 3,
            "__main__:<module>;sinks.elasticsearch.bulk:submit": 2,
            "__main__:<module>;aiokafka.client:poll;selectors:select": 1,
            "runpy:run_module": 1,
        }
    )
    assert parts(stacks) == {
        "processors.telemetry": 3,
        "sinks.elasticsearch": 2,
        "waiting, or another thread": 1,
        "?": 1,
    }
    assert functions(stacks)["json:dumps"] == 3


def test_a_sampled_process_ends_as_it_would_and_its_stacks_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sampled_work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, "-m", "benchmarks.sampled", str(tmp_path / "stacks"), "sampled_work"]
    assert subprocess.run(command, check=False).returncode == 3
    stacks = read(tmp_path / "stacks")
    assert sum(count for stack, count in stacks.items() if ":busy" in stack) >= sum(stacks.values()) / 3 > 0
