"""A wall clock that can be set: for workers only, while their monotonic clock and everybody else's clocks go on."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
COMPILERS = ("cc", "gcc", "clang")


class WallClock:
    """Needs a C compiler; ``folder`` keeps what it makes. Linux only."""

    def __init__(self, folder: Path) -> None:
        self._shift, self._library = folder / "shift", folder / "wall_clock.so"
        self.jump(0)
        compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
        if compiler is None:
            raise FileNotFoundError("a C compiler makes the clock that jumps; on Debian: apt-get install gcc libc6-dev")
        command = [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, "-o", str(self._library), str(SOURCE), "-ldl"], check=True)

    def jump(self, seconds: float) -> None:
        """Set the clock of all workers so many seconds ahead of the true time, at once."""
        with self._shift.open("r+b" if self._shift.exists() else "w+b", buffering=0) as file:
            file.write(struct.pack("=q", round(seconds * 1e9)))

    def settings(self) -> dict[str, str]:
        """Environment of a process that is to have this clock."""
        return {"LD_PRELOAD": str(self._library), "WALL_CLOCK_SHIFT": str(self._shift)}
