"""Stand-ins we own: a progress that remembers, a fetch without a network, a process that only sleeps."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from hypercare.engines.distributions import Distribution
from hypercare.engines.process import Launch

SMALL = Distribution(
    name="small-1.0",
    title="Small 1.0",
    purpose="a distribution for tests",
    kind="zip",
    coordinates=("a:b:1.0:zip",),
    java=17,
    download_bytes=100,
    installed_bytes=50,
)


@dataclass
class RememberingProgress:
    lines: list[str] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    def begin(self, what: str, *, total: int | None = None, unit: Literal["bytes", "seconds"] = "bytes") -> None:
        self.lines.append(f"begin {what} {total} {unit}")

    def advance_to(self, done: int) -> None:
        self.steps.append(done)

    def end(self, note: str = "") -> None:
        self.lines.append(f"end {note}")

    def say(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class FakeFetch:
    """Lays down files as Maven would; breaks off half-way as often as it is told to."""

    breaks: int = 0
    calls: int = 0
    found_before: list[int] = field(default_factory=list)

    def __call__(self, what: Distribution, staging: Path, tick: Callable[[], None]) -> Path:
        self.calls += 1
        arriving = staging / "maven" / f"{what.name}.zip.part"
        self.found_before.append(arriving.stat().st_size if arriving.exists() else 0)
        arriving.parent.mkdir(parents=True, exist_ok=True)
        arriving.write_bytes(b"x" * 60)
        tick()
        if self.calls <= self.breaks:
            raise ConnectionError
        whole = staging / "whole"
        (whole / "lib").mkdir(parents=True)
        (whole / "lib" / "a.jar").write_bytes(b"y" * 30)
        (whole / "LICENSE").write_bytes(b"z" * 20)
        return whole


def sleeper(folder: Path, *, seconds: int = 60, program: str = "import time; time.sleep({})") -> Launch:
    return Launch(
        title="Sleeper",
        command=(sys.executable, "-c", program.format(seconds)),
        folder=folder,
        environ={},
        ports={"kafka": 1},
        log=folder / "logs" / "sleeper.log",
        record=folder / "run" / "sleeper.json",
    )
