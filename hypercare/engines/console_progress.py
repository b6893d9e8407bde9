"""Progress for people: a moving bar on a terminal, a line now and then elsewhere, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    ProgressColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress

Unit = Literal["bytes", "seconds"]
MB = 1_000_000
# Often enough to see that it lives, seldom enough for a log.
LINE_EVERY_S = 5.0


class QuietProgress:
    """Reports nothing."""

    def begin(self, what: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """Ignore it."""

    def advance_to(self, done: int) -> None:
        """Ignore it."""

    def end(self, note: str = "") -> None:
        """Ignore it."""

    def say(self, line: str) -> None:
        """Ignore it."""


class TerminalProgress:
    """A bar with bytes and speed, or a spinner with seconds, redrawn in place by rich."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._what = ""
        self._bar: RichProgress | None = None

    def begin(self, what: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """Draw a bar for bytes, a spinner for seconds."""
        self._what = what
        self._bar = RichProgress(*_columns(unit), console=self._console, transient=True)
        self._bar.add_task(what, total=total)
        self._bar.start()

    def advance_to(self, done: int) -> None:
        """Move the bar; the spinner counts its seconds by itself."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done)

    def end(self, note: str = "") -> None:
        """Replace what was drawn by one line."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
            self.say(f"{self._what}: {note}" if note else self._what)

    def say(self, line: str) -> None:
        """Print one line, above the bar if there is one."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


class LineProgress:
    """Plain lines for logs and pipes: at the begin, at the end, and at most every few seconds between."""

    def __init__(self, print_line: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._print = print_line
        self._clock = clock
        self._what = ""
        self._total: int | None = None
        self._unit: Unit = "bytes"
        self._last = 0.0

    def begin(self, what: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """Print what begins."""
        self._what, self._total, self._unit, self._last = what, total, unit, self._clock()
        size = f" ({_megabytes(total)} MB)" if total and unit == "bytes" else ""
        self._print(f"{what}{size} …")

    def advance_to(self, done: int) -> None:
        """Print how far it is, unless that was said a moment ago."""
        if self._clock() - self._last < LINE_EVERY_S:
            return
        self._last = self._clock()
        self._print(f"  {self._amount(done)}")

    def end(self, note: str = "") -> None:
        """Print how it went."""
        self._print(f"{self._what}: {note}" if note else f"{self._what}: done")

    def say(self, line: str) -> None:
        """Print one line."""
        self._print(line)

    def _amount(self, done: int) -> str:
        if self._unit == "seconds":
            return f"{done} s"
        return _megabytes(done) + (f" of {_megabytes(self._total)} MB" if self._total else " MB")


def _megabytes(size: int) -> str:
    """One decimal below ten."""
    return f"{size / MB:,.0f}" if size >= 10 * MB else f"{size / MB:.1f}"


def console_progress(console: Console | None = None) -> TerminalProgress | LineProgress:
    """Return what fits the console: moving pictures on a terminal, lines elsewhere."""
    console = console or Console(stderr=True)
    if console.is_terminal:
        return TerminalProgress(console)
    return LineProgress(lambda line: console.print(line, markup=False, highlight=False, soft_wrap=True))


def _columns(unit: Unit) -> tuple[ProgressColumn, ...]:
    words = TextColumn("{task.description}", markup=False)
    if unit == "seconds":
        return SpinnerColumn(), words, TimeElapsedColumn()
    return words, BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn()
