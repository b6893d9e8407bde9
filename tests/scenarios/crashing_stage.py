"""A stage whose rule has a fault: it raises at some records. Run as a process, with settings as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.topic import Topic
from contracts.topics import CALLS, GATEWAY
from processors.runtime.kafka_writer import KafkaWriter
from processors.runtime.records import Record
from processors.runtime.run import run_stage
from processors.runtime.settings import WorkerSettings
from processors.runtime.stage import Outgoing


class CrashingStage:
    """Passes values on; raises at those that begin with ``crash``."""

    name = "crashing"
    topics: tuple[Topic, ...] = (GATEWAY,)

    def process(self, record: Record) -> Sequence[Outgoing]:
        value = record.value or b""
        if value.startswith(b"crash-a"):
            raise ZeroDivisionError("one fault")
        if value.startswith(b"crash-b"):
            raise LookupError("another fault")
        return (Outgoing(CALLS.name, record.key, value, []),)

    def forget_recent(self) -> None: ...


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    settings = WorkerSettings(**{**given, "folder": Path(given["folder"])})
    run_stage(CrashingStage(), KafkaWriter(settings.kafka, topic_prefix=settings.topic_prefix), settings)
