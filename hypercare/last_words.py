"""What a stage said in its log when it ended, so that nobody has to look for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TAIL_BYTES = 262_144
MAX_CHARS = 500
_ENDED = {"stage_stopped", "stage_ended_by_error"}


@dataclass(frozen=True, slots=True)
class LastWords:
    """The problem, what mends it as far as the stage knew, and when it was said, RFC 3339."""

    problem: str
    fix: str
    at: str


def last_words(log: Path) -> LastWords | None:
    """The newest end of a stage in its log; None when it said nothing, as after a kill."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = file.read().splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        if b"stage_" in line and (words := _words(line)):
            return words
    return None


def _words(line: bytes) -> LastWords | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("event") not in _ENDED:
        return None
    problem = str(said.get("problem") or said.get("error") or "")
    return LastWords(problem[:MAX_CHARS], str(said.get("fix") or "")[:MAX_CHARS], str(said.get("timestamp") or ""))
