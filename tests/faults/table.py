"""All rows, in the order of their numbers."""

from __future__ import annotations

from tests.faults import clocks, elastic, endurance, kafka, processes, versions, windows
from tests.faults.row import ROWS

__all__ = ["ROWS", "clocks", "elastic", "endurance", "kafka", "processes", "versions", "windows"]
