"""Bytewax 0.21: a dataflow of one worker from Kafka source to Kafka sink, in batches.

The rules take whole batches (``flat_map_batch``) of up to a thousand, the source's own figure, and the sink flushes
each one. Offsets are never committed to Kafka: they are kept in a recovery store of its own, a SQLite file, at the
end of an epoch of a second, which comes after the flush. So it is at least once, but no Kafka tool can see its lag.
The producer has the settings of our writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bytewax import operators
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from benchmarks.arms import COMMIT_S, Measured
from contracts.topics import CALLS, GATEWAY
from processors.runtime.kafka_writer import SETTINGS
from processors.runtime.records import PlainRecord

BATCH = 1_000
SAYS = f"batches of {BATCH:,}, flush after each; offsets in a recovery store every {COMMIT_S:g} s, none in Kafka"


def run(bootstrap: str, prefix: str, count: int, folder: Path) -> None:
    """Read to the end of every partition, which is the end of ``count`` events."""
    stage = Measured(count)

    def rules(batch: list[KafkaSourceMessage]) -> Iterator[KafkaSinkMessage]:
        for message in batch:
            record = PlainRecord(
                message.value,
                message.key,
                message.headers,
                message.topic,
                message.partition,
                message.offset,
                message.timestamp[1],
            )
            for output in stage.process(record):
                yield KafkaSinkMessage(output.key, output.value, headers=output.headers)

    flow = Dataflow("telemetry")
    source = KafkaSource([bootstrap], [prefix + GATEWAY.name], tail=False, batch_size=BATCH)
    outputs = operators.flat_map_batch("rules", operators.input("read", flow, source), rules)
    operators.output("write", outputs, KafkaSink([bootstrap], prefix + CALLS.name, add_config=dict(SETTINGS)))
    init_db_dir(folder, 1)
    run_main(flow, epoch_interval=timedelta(seconds=COMMIT_S), recovery_config=RecoveryConfig(folder))
    stage.report(SAYS)
