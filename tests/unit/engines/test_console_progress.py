from __future__ import annotations

from io import StringIO

from rich.console import Console

from hypercare.engines.console_progress import LineProgress, TerminalProgress, console_progress


def test_lines_come_seldom() -> None:
    lines: list[str] = []
    now = iter(range(100))
    progress = LineProgress(lines.append, clock=lambda: float(next(now)))
    progress.begin("Downloading x", total=20_000_000)
    for done in range(0, 20_000_000, 2_000_000):
        progress.advance_to(done)
    progress.end("done")
    assert lines[0] == "Downloading x (20 MB) …"
    assert lines[-1] == "Downloading x: done"
    assert 1 <= len(lines) - 2 <= 4
    assert all("of 20 MB" in line for line in lines[1:-1])


def test_seconds_are_counted_as_seconds() -> None:
    lines: list[str] = []
    now = iter((0.0, 6.0, 6.0))
    progress = LineProgress(lines.append, clock=lambda: next(now))
    progress.begin("Starting", unit="seconds")
    progress.advance_to(6)
    assert lines == ["Starting …", "  6 s"]


def test_a_pipe_gets_lines_and_a_terminal_gets_a_bar_that_ends_as_one_line() -> None:
    assert isinstance(console_progress(Console(file=StringIO())), LineProgress)
    screen = StringIO()
    progress = console_progress(Console(file=screen, force_terminal=True, width=100))
    assert isinstance(progress, TerminalProgress)
    progress.begin("Downloading [x]", total=10)
    progress.advance_to(10)
    progress.end("done")
    assert "Downloading [x]: done" in screen.getvalue()
