"""The ways to do the telemetry stage's work, each a process of its own; the rules are the same object.

Every arm prints one JSON line: events, CPU seconds and wall seconds from the first record to the last output
confirmed by the broker. ``python -m benchmarks.arms ARM BOOTSTRAP PREFIX COUNT FOLDER``
"""

from __future__ import annotations

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from benchmarks.events import calls
from contracts.topic import Topic
from contracts.topics import CALLS, GATEWAY
from processors.runtime.kafka_writer import SETTINGS, KafkaWriter
from processors.runtime.records import PlainRecord, Record
from processors.runtime.stage import Outgoing
from processors.telemetry.stage import TelemetryStage

KEY = b"benchmark"
COMMIT_S = 1.0


def cpu_seconds() -> float:
    """User and system time of this process, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Measured:
    """The telemetry stage, noting when its first record comes; the same in every arm."""

    name = "telemetry"
    topics: tuple[Topic, ...] = (GATEWAY,)

    def __init__(self, count: int, done: Callable[[], bool] | None = None) -> None:
        self._stage = TelemetryStage(KEY)  # no other arm can hold records back until their sums are written
        self._cpu = self._wall = 0.0
        self._count, self._done = count, done
        self.seen = 0
        self.forget_recent = self._stage.forget_recent

    def process(self, record: Record) -> Sequence[Outgoing]:
        if not self.seen:
            self._cpu, self._wall = cpu_seconds(), time.perf_counter()
        self.seen += 1
        if self.seen == self._count and self._done is not None:
            threading.Thread(target=self._report_when_done, args=(self._done,), daemon=True).start()
        return self._stage.process(record)

    def _report_when_done(self, done: Callable[[], bool]) -> None:
        """Look from a thread, started only at the last record: one that looks all the time costs what it measures."""
        while not done():
            time.sleep(0.005)
        self.report()
        os._exit(0)

    def report(self, settings: str = "") -> None:
        """Print the line; ``settings`` are the ones that matter, in words."""
        cpu_s, wall_s = cpu_seconds() - self._cpu, time.perf_counter() - self._wall
        print(
            json.dumps({"events": self._count, "cpu_s": cpu_s, "wall_s": wall_s, "settings": settings}),
            flush=True,
        )


def plain_loop(bootstrap: str, prefix: str, count: int, _: Path) -> None:
    """(a) consume, do the work, produce; flush and commit once a second: at least once, nothing else."""
    from confluent_kafka import Consumer, Producer  # noqa: PLC0415

    stage = Measured(count)
    producer = Producer({"bootstrap.servers": bootstrap, **SETTINGS})
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"{prefix}plain",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
        }
    )
    consumer.subscribe([prefix + GATEWAY.name])
    committed_at = time.monotonic()
    while stage.seen < count:
        for message in consumer.consume(500, 1.0):
            record = PlainRecord(
                message.value(),
                None,
                message.headers() or (),  # type: ignore[arg-type]
                message.topic() or "",
                message.partition() or 0,
                message.offset() or 0,
                message.timestamp()[1],
            )
            for output in stage.process(record):
                producer.produce(prefix + output.topic, output.value, output.key, headers=output.headers)
        producer.poll(0)
        if stage.seen and (time.monotonic() - committed_at > COMMIT_S or stage.seen >= count):
            producer.flush()
            consumer.commit(asynchronous=False)
            committed_at = time.monotonic()
    stage.report()


def our_stage(bootstrap: str, prefix: str, count: int, folder: Path) -> None:
    """(b) the stage as it runs in production, health pages and all."""
    from processors.runtime import metrics  # noqa: PLC0415
    from processors.runtime.run import run_stage  # noqa: PLC0415
    from processors.runtime.settings import WorkerSettings  # noqa: PLC0415

    stage = Measured(count, lambda: metrics.OUTPUTS._value.get() >= count)  # noqa: SLF001
    settings = WorkerSettings(kafka=bootstrap, folder=folder, topic_prefix=prefix, log_level="error")
    run_stage(stage, KafkaWriter(bootstrap, topic_prefix=prefix), settings)


def rules_only(_: str, __: str, count: int, ___: Path) -> None:
    """The work itself, from memory and to nowhere: what every arm must spend at least."""
    stage = Measured(count)
    now = int(time.time() * 1000)
    records = [PlainRecord(value, offset=n, timestamp=now) for n, value in enumerate(calls(count))]
    for record in records:
        stage.process(record)
    stage.report()


def naive_faust(bootstrap: str, prefix: str, count: int, folder: Path) -> None:
    """(c) a Faust agent as its documentation shows it: default settings, one event at a time, ``await topic.send``."""
    _faust_agent(bootstrap, prefix, count, folder, wait_for_delivery=False)


def careful_faust(bootstrap: str, prefix: str, count: int, folder: Path) -> None:
    """(d) the same agent, waiting for each delivery: what it takes until it loses nothing when a produce fails."""
    _faust_agent(bootstrap, prefix, count, folder, wait_for_delivery=True)


def _faust_agent(bootstrap: str, prefix: str, count: int, folder: Path, *, wait_for_delivery: bool) -> None:
    import faust  # noqa: PLC0415

    app = faust.App(
        f"{prefix}naive",
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
    )
    sent = 0
    stage = Measured(count, lambda: sent >= count)
    source = app.topic(prefix + GATEWAY.name, value_serializer="raw")
    target = app.topic(prefix + CALLS.name, value_serializer="raw")

    @app.agent(source)
    async def agent(stream: Any) -> None:
        nonlocal sent
        async for event in stream.events():
            message = event.message
            record = PlainRecord(
                message.value,
                None,
                message.headers or (),
                message.topic,
                message.partition,
                message.offset,
                int(message.timestamp * 1000),
            )
            for output in stage.process(record):
                sending = await target.send(key=output.key, value=output.value, headers=cast(Any, output.headers))
                if wait_for_delivery:
                    await sending
            sent += 1

    faust.Worker(app, loglevel="error", quiet=True, redirect_stdouts=False).execute_from_commandline()


ARMS = {
    "rules": rules_only,
    "plain": plain_loop,
    "stage": our_stage,
    "naive": naive_faust,
    "careful": careful_faust,
}


def main() -> None:
    arm, bootstrap, prefix, count, folder = sys.argv[1:]
    ARMS[arm](bootstrap, prefix, int(count), Path(folder))


if __name__ == "__main__":
    main()
