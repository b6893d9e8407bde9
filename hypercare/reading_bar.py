"""A bar of the bytes read of a file, closed with a word on how it went, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypercare.engines.engine import Progress


@dataclass(slots=True)
class Bar:
    """``advance`` is what readers of `producers.files` call; ``note`` is said at the end."""

    progress: Progress
    note: str = ""

    def advance(self, done: int, _: int | None = None) -> None:
        """Say how many bytes were read."""
        self.progress.advance_to(done)


@contextmanager
def reading_bar(progress: Progress, what: str, path: str) -> Iterator[Bar]:
    """Show how far a file was read; what is no file of its own has no size."""
    size = Path(path).stat().st_size if Path(path).is_file() else None
    progress.begin(what, total=size, unit="bytes")
    bar = Bar(progress)
    try:
        yield bar
    except BaseException:
        progress.end("not finished")
        raise
    progress.end(bar.note)
