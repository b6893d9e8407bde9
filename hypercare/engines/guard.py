"""Ends a process's children when it dies without doing so itself: a small process that reads its words from a pipe.

A worker looks for its parent too, but leaves in good order, and that takes minutes when its broker died as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from types import TracebackType
from typing import IO, Self

import psutil

from hypercare.engines.process_record import Member, living

LEAVE_WITHIN_S = 2.0


class Guard:
    """Watches over children while the block runs; the system closes its pipe however this process ends."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hypercare.engines.guard"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for its parent
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None  # noqa: S101 - entered
        self._process.communicate()

    def watch(self, child: Member) -> None:
        """Add a child."""
        assert self._process is not None  # noqa: S101 - entered
        assert self._process.stdin is not None  # noqa: S101 - a pipe
        self._process.stdin.write(json.dumps(asdict(child)).encode() + b"\n")
        self._process.stdin.flush()


def end_when_closed(words: IO[str]) -> None:
    """Read members until the pipe closes, then end those that still live: ask first, then force."""
    members = [Member(**json.loads(line)) for line in words]
    left = [process for member in members if (process := living(member))]
    for process in left:
        process.terminate()
    for process in psutil.wait_procs(left, timeout=LEAVE_WITHIN_S)[1]:
        process.kill()


if __name__ == "__main__":
    end_when_closed(sys.stdin)
