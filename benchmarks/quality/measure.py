"""One line of the quality report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric on a data set, beside the least that is expected and what is aimed at.

    ``better`` says which way is better; ``note`` holds the spread, the time a case takes, or why it is absent.
    """

    data: str
    metric: str
    value: float
    at_least: float
    aim: float
    better: str = "higher"
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the least that is expected is reached."""
        return self.value >= self.at_least if self.better == "higher" else self.value <= self.at_least
