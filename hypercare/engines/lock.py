"""One lock per folder: whoever comes second waits, and is told for whom."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contracts.errors import Stop

# A first start downloads about a gigabyte: on a slow line that takes this long.
PATIENCE_S = 1800.0
POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock and what for."""

    pid: int
    doing: str


@contextmanager
def locked(file: Path, *, doing: str, say: Callable[[str], None], patience_s: float = PATIENCE_S) -> Iterator[None]:
    """Hold the lock of ``file`` while the block runs; wait for another holder, saying so once.

    The operating system drops the lock when its holder dies, so a crash never leaves it behind.
    """
    with _open(file) as handle:
        _acquire(handle, file, say=say, patience_s=patience_s)
        _note(handle, json.dumps({"pid": os.getpid(), "doing": doing}))
        try:
            yield
        finally:
            _note(handle, "")
            fcntl.flock(handle, fcntl.LOCK_UN)


def holder(file: Path) -> Holder | None:
    """Return who holds the lock of ``file`` now, or None when nobody does."""
    try:
        with file.open(encoding="utf-8") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(file)
    except OSError:
        return None
    return None


def _open(file: Path) -> IO[str]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a+", encoding="utf-8")
    except OSError as error:
        raise Stop(
            f"Cannot write to {file.parent}: {error.strerror}.",
            fix=(
                "Make it yours with `chown`, or set HYPERCARE_HOME and HYPERCARE_CACHE "
                "to folders that you may write to."
            ),
        ) from error


def _acquire(handle: IO[str], file: Path, *, say: Callable[[str], None], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    told = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = _read_holder(file)
            if not told:
                say(f"Waiting for process {other.pid}, which is {other.doing} …")
                told = True
            if time.monotonic() > deadline:
                raise Stop(
                    f"Process {other.pid} has been {other.doing} for too long; it holds {file}.",
                    fix=f"See what it does with `ps -fp {other.pid}`; end it, or wait, then try again.",
                ) from None
            time.sleep(POLL_S)
        else:
            return


def _note(handle: IO[str], text: str) -> None:
    handle.seek(0)
    handle.truncate()
    handle.write(text)
    handle.flush()


def _read_holder(file: Path) -> Holder:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return Holder(pid=int(said["pid"]), doing=str(said["doing"]))
    except (OSError, ValueError, KeyError, TypeError):
        # The holder has the lock but has not yet written who it is.
        return Holder(pid=0, doing="starting or stopping the engines")
