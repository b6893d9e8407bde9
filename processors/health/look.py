"""When a project is looked at: at the end of a window that closed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The end of the window that closed now and of the one that closed before, 0 for none; seconds since 1970."""

    before: int
    end: int

    def passes(self, every_s: int) -> bool:
        """Whether a multiple of ``every_s`` lies between them: a quiet project's windows end at any time."""
        return self.end // every_s > self.before // every_s
