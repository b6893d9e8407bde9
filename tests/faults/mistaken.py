"""Runs a stage with a mistake planted in the runtime, to see whether the auditor notices."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable
from typing import Any

from processors.runtime.partition_keeper import PartitionKeeper
from processors.runtime.stateful import MARKER
from processors.runtime.worker import Worker
from sinks.elasticsearch.bulk import BulkWriter

VARIABLE = "PLANTED_MISTAKE"


def acknowledge_before_delivery() -> None:
    """Tell Kafka that a run is done when it was merely handed over."""
    settle = Worker._settle

    async def settle_too_late(self: Any, event: Any, work: Any, written: Any, summed: Any) -> None:
        event.message.ack(event.app.consumer)
        await settle(self, event, work, written, summed)

    Worker._settle = settle_too_late  # type: ignore[method-assign]


def drop_one_retry() -> None:
    """Count the first document that has to be tried again as written."""
    sort_out = BulkWriter._sort_out

    def forget_the_first(self: Any, batch: Any, verdicts: Any) -> Any:
        again = sort_out(self, batch, verdicts)
        for queued in again[:1]:
            queued.ticket.one_less()
        return again[1:]

    BulkWriter._sort_out = forget_the_first  # type: ignore[method-assign]


def skip_the_marker() -> None:
    """Store state without saying how far it goes."""
    encode = PartitionKeeper._encode

    def without_marker(self: Any, epoch: Any) -> Any:
        outputs, entries = encode(self, epoch)
        return outputs, [entry for entry in entries if entry.key != MARKER]

    PartitionKeeper._encode = without_marker  # type: ignore[method-assign]


def forget_to_pause() -> None:
    """Read on however much is in flight."""
    init = Worker.__init__

    def without_bounds(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        self._slots._value = 1_000_000

    Worker.__init__ = without_bounds  # type: ignore[method-assign]
    sys.modules["sinks.elasticsearch.bulk"].MAX_QUEUED = 10**9  # type: ignore[attr-defined]


MISTAKES: dict[str, Callable[[], None]] = {
    mistake.__name__: mistake
    for mistake in (acknowledge_before_delivery, drop_one_retry, skip_the_marker, forget_to_pause)
}

if __name__ == "__main__":
    MISTAKES[os.environ[VARIABLE]]()
    module = sys.argv.pop(1)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
