"""Remembers across restarts at which record a stage crashed, so that one record cannot stop it for ever."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from processors.runtime.records import Record

GIVE_UP_AT = 3
"""The exit at the same record that makes it a dead letter: two restarts rule out a passing fault."""


@dataclass(frozen=True, slots=True)
class CrashNote:
    """Where a stage crashed last, and how often in a row."""

    topic: str
    partition: int
    offset: int
    times: int


class CrashNotes:
    """One small file per worker."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._last = self._read()

    def poisonous(self, record: Record) -> bool:
        """Whether the stage has now crashed often enough at this record to give it up."""
        last = self._last
        return (
            last is not None
            and last.times >= GIVE_UP_AT - 1
            and (last.topic, last.partition, last.offset) == (record.topic, record.partition, record.offset)
        )

    def add(self, record: Record) -> CrashNote:
        """Note a crash at a record."""
        last = self._last
        here = (record.topic, record.partition, record.offset)
        again = last is not None and (last.topic, last.partition, last.offset) == here
        note = CrashNote(*here, times=last.times + 1 if again and last else 1)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".tmp")
        draft.write_text(json.dumps(asdict(note)))
        draft.replace(self._file)
        self._last = note
        return note

    def _read(self) -> CrashNote | None:
        try:
            return CrashNote(**json.loads(self._file.read_text()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            return None  # a half-written note of an older version says nothing worth stopping for
