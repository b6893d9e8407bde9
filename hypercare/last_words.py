"""What a stage said in its log when it ended, so that nobody has to look for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

TAIL_BYTES = 262_144
MAX_CHARS = 500
LONG_BEFORE_S = 60.0
"""What was said earlier than this before an end belongs to another one."""
_GRAVE = {"error", "critical"}
_ENDED = {"stage_stopped", "stage_ended_by_error"}


@dataclass(frozen=True, slots=True)
class LastWords:
    """The problem, what mends it as far as the stage knew, and when it was said, RFC 3339."""

    problem: str
    fix: str
    at: str


def last_words(log: Path, ended_at: float | None = None) -> LastWords | None:
    """What a stage said when it ended at ``ended_at``, seconds since 1970; None when nothing, as after a kill."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        words = _words(line)
        if words is not None:
            return words if ended_at is None or _seconds(words.at) >= ended_at - LONG_BEFORE_S else None
    return None


def _words(line: bytes) -> LastWords | None:
    """The end of a stage, or an error that Faust logged and ended by."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or not (said.get("event") in _ENDED or said.get("level") in _GRAVE):
        return None
    trace = str(said.get("exception") or "").strip().splitlines()
    problem = said.get("problem") or said.get("error") or (trace[-1] if trace else said.get("event")) or ""
    return LastWords(str(problem)[:MAX_CHARS], str(said.get("fix") or "")[:MAX_CHARS], str(said.get("timestamp") or ""))


def _seconds(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
