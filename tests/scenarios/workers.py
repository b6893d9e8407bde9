"""Stage processes as they run in production, to be started, killed and looked at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hypercare.engines.engine import Endpoints
from hypercare.lag import StageLag, stage_lags
from tests.faults.mistaken import VARIABLE

COMMANDS = {"counting": ("tests.scenarios.counting_stage",)}
"""Stages that exist for tests alone."""


@dataclass
class Workers:
    """Worker processes of one test; ``extra`` are further settings for all of them."""

    endpoints: Endpoints
    home: Path
    prefix: str
    extra: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)

    def start(self, *stages: str, **extra: str) -> None:
        """Start stages, each in its own process; ``stage@name`` is another instance of a stage."""
        for stage in stages:
            kind, _, instance = stage.partition("@")
            named = {"HYPERCARE_INSTANCE": instance} if instance else {}
            command = COMMANDS.get(kind, ("hypercare", "stage", kind))
            if VARIABLE in extra:
                command = ("tests.faults.mistaken", *command)
            self.starts[stage] += 1
            log = (self.home / f"{stage}.log").open("ab")
            with log:
                self.processes[stage] = subprocess.Popen(
                    [sys.executable, "-m", *command],
                    env={**os.environ, **self.environ(), **named, **extra},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )

    def environ(self) -> dict[str, str]:
        return {
            "HYPERCARE_ENGINES": "yours",
            "HYPERCARE_KAFKA": self.endpoints.kafka,
            "HYPERCARE_ELASTICSEARCH": self.endpoints.elasticsearch,
            "HYPERCARE_HOME": str(self.home),
            "HYPERCARE_TOPIC_PREFIX": self.prefix,
            "HYPERCARE_INSTANCE": "test",
            **self.extra,
        }

    def end(self, stage: str, signum: signal.Signals, timeout_s: float = 60) -> int:
        process = self.processes.pop(stage)
        process.send_signal(signum)
        return process.wait(timeout_s)

    def lags(self) -> dict[str, StageLag]:
        return {lag.stage: lag for lag in stage_lags(self.endpoints.kafka, prefix=self.prefix)}

    def wait_drained(self, *stages: str, timeout_s: float = 120) -> None:
        def drained() -> bool:
            lags = self.lags()
            return all(lags[stage].lag == 0 and lags[stage].records > 0 for stage in stages)

        def failed() -> str:
            logs = {stage: (self.home / f"{stage}.log").read_text()[-1500:] for stage in stages}
            return f"not drained: {self.lags()}\n" + "\n".join(f"--- {s}\n{text}" for s, text in logs.items())

        wait_until(drained, timeout_s, failed)

    def has_begun(self, stage: str) -> bool:
        """Whether a stage that was started takes signals by now: on a busy machine that takes many seconds."""
        return self.log_of(stage).count("Consumer]: Starting...") >= self.starts[stage]

    def log_of(self, stage: str) -> str:
        return (self.home / f"{stage}.log").read_text()


@contextmanager
def workers(endpoints: Endpoints, home: Path, prefix: str, extra: dict[str, str] | None = None) -> Iterator[Workers]:
    """Whatever a test leaves running is ended with it."""
    made = Workers(endpoints, home, prefix, extra or {})
    try:
        yield made
    finally:
        for process in made.processes.values():
            process.kill()
            process.wait()


def wait_until(true: Callable[[], bool], timeout_s: float, failed: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, failed()
        time.sleep(0.2)
