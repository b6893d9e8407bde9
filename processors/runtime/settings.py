"""What a worker needs to know, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How one worker process of a stage runs.

    ``kafka`` is a bootstrap list. ``instance_id`` makes the worker a static member of its group, so that a
    restart within the session timeout takes its partitions back at once; it must be unique in the group.
    ``health_port`` 0 lets the system choose; the port is written to ``folder/<instance>.port``.
    With a ``parent_pid`` the worker ends when that process is no longer its parent.
    """

    kafka: str
    folder: Path
    topic_prefix: str = ""
    instance_id: str = ""
    runs_in_flight: int = 8
    run_records: int = 500
    commit_interval_s: float = 1.0
    session_timeout_s: float = 15.0
    dead_letters_per_minute: int = 1_000
    stalled_after_s: float = 120.0
    health_port: int = 0
    log_level: str = "info"
    parent_pid: int = 0

    def file(self, stage: str, suffix: str) -> Path:
        """A file of this worker in its folder."""
        return self.folder / f"{self.instance_id or stage}{suffix}"
