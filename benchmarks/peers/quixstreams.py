"""Quix Streams 3.28: a streaming data frame from topic to topic, at least once.

It works message by message and offers no batches. A checkpoint once a second, as in the plain loop, flushes the
producer and then commits, and another one ends the run; the producer has the settings of our writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quixstreams import Application, message_context

from benchmarks.arms import COMMIT_S, Measured
from contracts.topics import CALLS, GATEWAY
from processors.runtime.kafka_writer import SETTINGS
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Outgoing

SAYS = f"message by message; flush, then commit, every {COMMIT_S:g} s"


def run(bootstrap: str, prefix: str, count: int, folder: Path) -> None:
    """Read, apply the rules, set the headers, write; stop after ``count``."""
    stage = Measured(count)
    app = Application(
        broker_address=bootstrap,
        consumer_group=f"{prefix}quixstreams",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_S,
        producer_extra_config=dict(SETTINGS),
        auto_create_topics=False,
        state_dir=folder,
        loglevel=None,
    )
    source = app.topic(prefix + GATEWAY.name, value_deserializer="bytes")
    target = app.topic(prefix + CALLS.name, value_serializer="bytes")

    def rules(value: bytes, key: bytes | None, timestamp: int, headers: Any) -> Iterator[Outgoing]:
        place = message_context()
        yield from stage.process(
            PlainRecord(value, key, headers or (), place.topic, place.partition, place.offset, timestamp)
        )

    outputs = app.dataframe(source).apply(rules, metadata=True, expand=True)
    outputs = outputs.set_headers(lambda output, _key, _timestamp, _headers: output.headers)
    outputs.apply(lambda output: output.value).to_topic(target)
    app.run(count=count, collect=False)
    stage.report(SAYS)
