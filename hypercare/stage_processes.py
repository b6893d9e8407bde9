"""The stages as child processes that end with this one, for a run that lasts seconds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from contracts.errors import Stop
from hypercare.engines.guard import Guard
from hypercare.engines.process import last_lines
from hypercare.engines.process_record import member_of
from hypercare.supervisor import explain_exit
from processors.runtime.ending import EXIT_PERSON

RESTARTS = 3
"""As many as a record that crashes a stage needs to become a dead letter."""
GRACE_S = 15.0


class StageProcesses:
    """One process a stage while the block runs.

    A guard ends them when this process is killed, so nothing is left behind.
    """

    def __init__(self, stages: Iterable[str], folder: Path, environ: dict[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._stages = tuple(stages)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._restarts = 0
        self._guard = Guard()

    def __enter__(self) -> Self:
        (self._folder / "logs").mkdir(parents=True, exist_ok=True)
        self._guard.__enter__()
        try:
            for stage in self._stages:
                self._start(stage)
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end()
        finally:
            self._guard.__exit__(kind, error, trace)

    def log(self, stage: str) -> Path:
        """What a stage printed."""
        return self._folder / "logs" / f"{stage}.log"

    def look_after(self) -> None:
        """Start a stage again that ended; raise `Stop` when it needs a person or does so again and again."""
        for stage, process in list(self._running.items()):
            if (code := process.poll()) is None:
                continue
            self._restarts += 1
            if code == EXIT_PERSON or self._restarts > RESTARTS:
                raise Stop(
                    f"Stage {stage} stopped: {explain_exit(code)}. Its last lines:\n{last_lines(self.log(stage))}",
                    fix=f"read {self.log(stage)}",
                )
            self._start(stage)

    def _start(self, stage: str) -> None:
        with self.log(stage).open("ab") as log:
            self._running[stage] = subprocess.Popen(
                [sys.executable, "-m", "hypercare", "stage", stage, "--parent", str(os.getpid())],
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._guard.watch(member_of(psutil.Process(self._running[stage].pid)))

    def _end(self) -> None:
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + GRACE_S
        for process in self._running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
