"""All rows, in the order of their numbers."""

from __future__ import annotations

from tests.faults import elastic, endurance, kafka, processes, versions
from tests.faults.row import ROWS

__all__ = ["ROWS", "elastic", "endurance", "kafka", "processes", "versions"]
