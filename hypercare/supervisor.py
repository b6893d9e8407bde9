"""Keeps one process per stage alive, and the intake: starts, watches, restarts with back-off, stops cleanly.

It writes what it knows to ``supervisor.json`` in the home, where `status` reads it, and takes requests from there
(`hypercare.stage_requests`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import structlog

from hypercare import stage_requests
from hypercare.engines.atomic_file import read_json, write_json
from processors.runtime.ending import EXIT_CRASH, EXIT_PERSON, EXIT_STALLED

FIRST_DELAY_S = 0.5
MAX_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0
"""A process that ran this long starts again without delay when it ends."""
STOP_GRACE_S = 30.0
POLL_S = 0.1
MAX_LOG_BYTES = 20 * 1_048_576
INTAKE = "intake"
"""Runs beside the stages: it reads nothing from Kafka, and none of them needs it."""

log = structlog.get_logger()
State = Literal["running", "waiting", "stopping", "stopped", "needs a person"]

_EXPLAINED = {
    0: "ended by itself",
    EXIT_CRASH: "unexpected error, see its log",
    EXIT_PERSON: "needs a person, see its log",
    EXIT_STALLED: "no progress although there was work",
}


def explain_exit(code: int) -> str:
    """Say in words what an exit code of a worker means."""
    if code < 0:
        try:
            return f"ended by signal {signal.Signals(-code).name}"
        except ValueError:
            return f"ended by signal {-code}"
    return _EXPLAINED.get(code, f"exit code {code}, see its log")


@dataclass(slots=True)
class Child:
    """One stage's process as the supervisor sees it; times are seconds since 1970."""

    stage: str
    log: str
    state: State = "waiting"
    pid: int = 0
    restarts: int = 0
    last_exit: str = ""
    exit_code: int | None = None
    ended_at: float = 0.0
    started_at: float = 0.0
    then: Literal["waiting", "stopped"] = "waiting"
    kill_at: float = 0.0
    delay_s: float = FIRST_DELAY_S
    due_at: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def shown(self) -> dict[str, Any]:
        """The part that is written down."""
        return {name: getattr(self, name) for name in StageState.__slots__}


class Supervisor:
    """Runs ``command(stage)`` for each stage until told to stop."""

    def __init__(self, stages: list[str], home: Path, environ: dict[str, str]) -> None:
        self._home = home
        self._environ = environ
        self._stopping = False
        self._unwritten = False
        self._children = [Child(stage, str(home / "logs" / f"{stage}.log")) for stage in stages]

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then stop every child."""
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, self._on_signal)
        for stage, _ in stage_requests.pending(self._home):
            stage_requests.done(self._home, stage)  # meant for a supervisor before this one
        try:
            while not self._stopping:
                self._take_requests(time.time())
                for child in self._children:
                    self._look_after(child, time.time())
                if self._unwritten:
                    self._write()
                time.sleep(POLL_S)
        finally:
            self._stop_children()

    def _on_signal(self, *_: object) -> None:
        self._stopping = True

    def _take_requests(self, now: float) -> None:
        for stage, action in stage_requests.pending(self._home):
            for child in self._children:
                if child.stage == stage:
                    self._carry_out(child, action, now)
            stage_requests.done(self._home, stage)

    def _carry_out(self, child: Child, action: stage_requests.Action, now: float) -> None:
        child.delay_s, child.restarts = FIRST_DELAY_S, 0
        child.then = "waiting" if action == "restart" else "stopped"
        if child.process is None:
            child.state, child.due_at = child.then, now
        elif child.state != "stopping":
            child.process.terminate()
            child.state, child.kill_at = "stopping", now + STOP_GRACE_S
        self._write()

    def _look_after(self, child: Child, now: float) -> None:
        if child.process is not None and (code := child.process.poll()) is not None:
            self._note_exit(child, code, now)
        elif child.process is not None and child.state == "stopping" and now >= child.kill_at:
            child.process.kill()
        if child.process is None and child.state == "waiting" and now >= child.due_at:
            self._start(child, now)

    def _start(self, child: Child, now: float) -> None:
        try:
            child.process = self._launched(child)
        except OSError as error:  # no room for its log, no process or memory to be had: it may pass
            child.last_exit, child.ended_at = f"could not be started: {error.strerror}", now
            self._wait(child, now)
        else:
            child.pid, child.started_at, child.state = child.process.pid, now, "running"
        self._write()

    def _launched(self, child: Child) -> subprocess.Popen[bytes]:
        with _log_of(Path(child.log)) as file:
            return subprocess.Popen(
                [sys.executable, "-m", "hypercare", *_command(child.stage), "--parent", str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self._environ,
            )

    def _note_exit(self, child: Child, code: int, now: float) -> None:
        child.process, child.pid = None, 0
        child.last_exit, child.exit_code, child.ended_at = explain_exit(code), code, now
        if child.state == "stopping":
            child.last_exit = "ended as asked" if code == 0 else child.last_exit
            child.state, child.due_at = child.then, now
        elif code == EXIT_PERSON:
            child.state = "needs a person"
            self._tell(child)
        else:
            child.restarts += 1
            if now - child.started_at > HEALTHY_AFTER_S:
                child.delay_s = FIRST_DELAY_S
            self._wait(child, now)
        self._write()

    def _wait(self, child: Child, now: float) -> None:
        child.due_at, child.state = now + child.delay_s, "waiting"
        child.delay_s = min(child.delay_s * 2, MAX_DELAY_S)
        self._tell(child)

    @staticmethod
    def _tell(child: Child) -> None:
        """Note an end that nobody asked for."""
        then = "it needs a person" if child.state == "needs a person" else "it is started again"
        log.warning("process_ended", process=child.stage, how=child.last_exit, then=then, restarts=child.restarts)

    def _stop_children(self) -> None:
        alive = [child.process for child in self._children if child.process is not None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + STOP_GRACE_S
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for child in self._children:
            child.state, child.pid = "stopped", 0
        self._write()

    def _write(self) -> None:
        """Tell how the stages are; on a full disk that waits, because the stages do not depend on it."""
        try:
            write_json(state_file(self._home), {"children": [child.shown() for child in self._children]})
        except OSError:
            self._unwritten = True
        else:
            self._unwritten = False


@dataclass(frozen=True, slots=True)
class StageState:
    """What the supervisor last wrote about a stage; times are seconds since 1970, 0 for never."""

    stage: str
    log: str
    state: str
    pid: int
    restarts: int
    last_exit: str
    exit_code: int | None = None
    started_at: float = 0.0
    ended_at: float = 0.0


def _command(stage: str) -> tuple[str, str]:
    return ("intake", "serve") if stage == INTAKE else ("stage", stage)


def state_file(home: Path) -> Path:
    """Where the supervisor writes what it knows."""
    return home / "supervisor.json"


def read_states(home: Path) -> list[StageState]:
    """What the supervisor last wrote; empty when it never ran here."""
    try:
        return [StageState(**child) for child in read_json(state_file(home)).get("children", [])]
    except TypeError:  # written by another version
        return []


def _log_of(file: Path) -> IO[bytes]:
    """Open a log for appending; an overlong one makes room first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.stat().st_size > MAX_LOG_BYTES:
        file.replace(file.with_suffix(".previous.log"))
    return file.open("ab")
