"""Remembers across restarts at which records a stage crashed, so that no record can stop it for ever."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from processors.runtime.records import Record

GIVE_UP_AT = 3
"""The exit at the same record that makes it a dead letter: two restarts rule out a passing fault."""
MAX_NOTES = 1_000
"""Older ones are forgotten; more than so many records that crash are a broken stage, not poison."""

Place = tuple[str, int, int]


class CrashNotes:
    """One small file per worker: how often it crashed at which records.

    A record stays noted after it was given up: a crash further on may come before its dead letter is written.
    A fault that was given up once in this process is known not to pass, so another record that raises the same
    at the same line is given up at once; else a thousand such records would cost two thousand restarts.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._times = self._read()
        self._known: set[str] = set()

    def gave_up(self, record: Record) -> bool:
        """Whether the stage has crashed often enough at this record not to try it again."""
        return self._times.get(_place(record), 0) >= GIVE_UP_AT - 1

    def poisonous(self, record: Record, error: BaseException) -> bool:
        """Whether the stage has crashed often enough, at this record or by this fault, to give the record up."""
        fault = _fault(error)
        if not self.gave_up(record) and fault not in self._known:
            return False
        self._known.add(fault)
        return True

    def add(self, record: Record) -> int:
        """Note a crash at a record; return how many there were.

        A note that cannot be written, on a full disk, is left out: the record is then tried more often.
        """
        times = self._times.pop(_place(record), 0) + 1
        self._times[_place(record)] = times
        while len(self._times) > MAX_NOTES:
            del self._times[next(iter(self._times))]
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            draft = self._file.with_suffix(".tmp")
            draft.write_text(json.dumps([[*place, times] for place, times in self._times.items()]))
            draft.replace(self._file)
        return times

    def _read(self) -> dict[Place, int]:
        try:
            return {
                (str(topic), int(partition), int(offset)): int(times)
                for topic, partition, offset, times in json.loads(self._file.read_text())
            }
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError):
            return {}  # a half-written note, or one of an older version, says nothing worth stopping for


def _place(record: Record) -> Place:
    return record.topic, record.partition, record.offset


def _fault(error: BaseException) -> str:
    """What was raised, and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} {where}"
