"""One shipper a log: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import os
from hashlib import blake2b
from pathlib import Path

from contracts.errors import Stop


class Locks:
    """Locks of one process, by log; they stand in a folder and not on the log, whose writer may lock it itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self, log: str) -> None:
        """Hold the lock of a log until the end; raise `Stop` when another process has it."""
        name = blake2b(os.path.realpath(log).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        if name in self._held:
            return
        handle = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(handle)
            raise Stop(
                f"{log} is shipped already, by process {holder}: two would fight over its position.",
                fix=f"leave it to that one, or stop it first (kill {holder})",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._held[name] = handle

    def close(self) -> None:
        """Let go of all."""
        for handle in self._held.values():
            os.close(handle)
        self._held.clear()
