"""Run a module as a process of its own and note what its main thread is at: a profile that costs next to nothing.

Every ten milliseconds of CPU that the process uses, the stack of its main thread is noted. While other threads use the
CPU, the main one is often found waiting; `parts` tells that apart. The stacks are written at the end, one a line with
how often it was found, as flame graph tools read them. ``python -m benchmarks.sampled FILE MODULE ARGUMENT...``
"""

from __future__ import annotations

import atexit
import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_S = 0.01
WAITING = {"select", "poll", "epoll"}
OURS = {"processors", "sinks"}
"""Rooms whose folders are told apart; everything else goes by the name of its package."""


class Sampler:
    """Counts stacks, the outermost frame first: ``module:function;module:function``."""

    def __init__(self) -> None:
        self.stacks: Counter[str] = Counter()

    def __call__(self, _: int, frame: FrameType | None) -> None:
        found = []
        while frame is not None:
            found.append(f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_name}")
            frame = frame.f_back
        self.stacks[";".join(reversed(found))] += 1

    def begin(self) -> None:
        signal.signal(signal.SIGPROF, self)
        signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)

    def end(self, file: Path) -> None:
        """Stop, before the interpreter forgets the handler and the next signal kills, and write."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        file.write_text("".join(f"{stack} {count}\n" for stack, count in self.stacks.most_common()))


def read(file: Path) -> Counter[str]:
    """What a sampler wrote."""
    lines = (line.rpartition(" ") for line in file.read_text().splitlines())
    return Counter({stack: int(count) for stack, _, count in lines})


def parts(stacks: Counter[str]) -> Counter[str]:
    """Samples by the package that was at work: of each stack the innermost that is no standard library."""
    found: Counter[str] = Counter()
    for stack, count in stacks.items():
        frames = [frame.split(":") for frame in stack.split(";")]
        module = next((m for m, _ in reversed(frames) if m.partition(".")[0] not in sys.stdlib_module_names), "?")
        names = module.split(".")
        part = ".".join(names[:2]) if names[0] in OURS else names[0]
        found["waiting, or another thread" if frames[-1][1] in WAITING else part] += count
    return found


def functions(stacks: Counter[str]) -> Counter[str]:
    """Samples by the function that was at work itself."""
    found: Counter[str] = Counter()
    for stack, count in stacks.items():
        found[stack.rpartition(";")[2]] += count
    return found


if __name__ == "__main__":
    sampler = Sampler()
    atexit.register(sampler.end, Path(sys.argv.pop(1)))
    sampler.begin()
    runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
