"""The product under a fault: real stage processes on real engines, fed, hurt, drained and audited."""

from __future__ import annotations

import random
import signal
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import stamina
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import CALLS, CATALOGUE, GATEWAY, WINDOWS
from hypercare.engines.engine import Endpoints
from hypercare.topics import apply_topics
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.stateful import MARKER
from tests.conftest import RunningEngines
from tests.faults.auditor import (
    Audit,
    Place,
    as_counting_sees,
    audit_counted,
    audit_documents,
    audit_enriched,
    audit_letters,
    read_raw,
    together,
)
from tests.faults.plan import Plan, Sent, interleaved
from tests.scenarios.counting_stage import COUNTED, TOTALS, CountingStage
from tests.scenarios.engine_content import documents, read_topic
from tests.scenarios.workers import Workers, wait_until

PARTITIONS = 4
QUICK = {"HYPERCARE_RUN_RECORDS": "100", "HYPERCARE_SESSION_TIMEOUT_S": "6", "HYPERCARE_STALLED_AFTER_S": "30"}
GROUPS = {"telemetry": (GATEWAY,), "counting": (GATEWAY,), "sink-calls": (CALLS,), "health": (WINDOWS,)}
"""What may be under test, and what it reads here."""
ALL = ("telemetry", "counting", "sink-calls")
"""What mostly is: a stream stage, a stateful stage and a sink."""


@dataclass
class System:
    """One run: topics, stages and data stream of its own. ``through`` are the endpoints that the stages see."""

    engines: RunningEngines
    home: Path
    seed: int
    through: Endpoints | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Sequence[str]], None] | None = None
    restarts: int = 0

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.prefix = f"fault-{uuid.uuid4().hex[:8]}-"
        self.plan = Plan(f"p{uuid.uuid4().hex[:10]}", self.seed)
        self.real = self.engines.endpoints
        self.workers = Workers(self.through or self.real, self.home, self.prefix, QUICK | dict(self.settings))
        self._producer = Producer(
            {
                "bootstrap.servers": self.real.kafka,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        topics = (*CATALOGUE, COUNTED, CountingStage.state)
        if self.prepare is not None:
            self.prepare([self.prefix + topic.name for topic in topics])
        else:
            apply_topics(self.real.kafka, prefix=self.prefix, partitions=PARTITIONS, topics=topics)

    def feed(self, count: int, order: random.Random | None = None) -> None:
        """Produce the next events of the plan, ``order`` mixes them, and wait until Kafka has them."""
        sent = self.plan.take(count)
        self._produce(sent if order is None else interleaved(sent, order))

    def feed_special(self, **asked: Any) -> None:
        """Produce one call that asks something of the counting stage: ``crash`` or ``slow``."""
        self._produce(iter([self.plan.special(**asked)]))

    def _produce(self, records: Iterator[Sent]) -> None:
        for sent in records:
            while True:
                try:
                    self._producer.produce(self.prefix + GATEWAY.name, sent.value, sent.key, headers=[*sent.headers])
                    break
                except BufferError:
                    self._producer.poll(0.1)
        assert self._producer.flush(120) == 0

    @contextmanager
    def fed(self, per_second: int, *, at_least: int = 0) -> Iterator[None]:
        """Keep feeding in the background, in steps of a tenth of a second."""
        over = threading.Event()
        failed: list[BaseException] = []

        def work() -> None:
            fed = 0
            try:
                while not over.wait(0.1) or fed < at_least:
                    self.feed(per_second // 10)
                    fed += per_second // 10
            except BaseException as error:  # noqa: BLE001 - told below
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(180)
        assert not failed, failed
        assert not thread.is_alive()

    def start(self, *stages: str, **extra: str) -> None:
        """Start stages; ``stage@name`` is another instance."""
        self.workers.start(*stages, **extra)

    def end(self, stage: str, signum: signal.Signals, timeout_s: float = 60) -> int:
        """Send a signal and wait for the end; return the exit code."""
        return self.workers.end(stage, signum, timeout_s)

    def end_cleanly(self, stage: str, timeout_s: float = 60) -> None:
        """Ask it to end, and see that it says that all went well."""
        code = self.end(stage, signal.SIGTERM, timeout_s)
        assert code == 0, f"{stage} ended with {code}: {self.workers.log_of(stage)[-2_000:]}"

    def assert_alive(self, stage: str) -> None:
        """It waits for whatever is away; it does not end."""
        code = self.workers.processes[stage].poll()
        assert code is None, f"{stage} ended with {code}: {self.workers.log_of(stage)[-2_000:]}"

    def wait_begun(self, name: str) -> None:
        """Wait until a worker that was started takes signals."""
        wait_until(lambda: self.workers.has_begun(name), 120, lambda: self.workers.log_of(name)[-2_000:])

    def revive(self) -> None:
        """Start again what ended by itself, as the supervisor does; not what waits for a person."""
        for stage, process in list(self.workers.processes.items()):
            if process.poll() not in {None, 0, EXIT_PERSON}:
                self.restarts += 1
                self.workers.start(stage)

    def behind(self) -> dict[str, int]:
        """Records that each group has not yet committed."""
        return {stage: sum(self._open(stage).values()) for stage in self.kinds()}

    def kinds(self) -> list[str]:
        """Kinds of stages that take part in this run."""
        return list(dict.fromkeys(name.partition("@")[0] for name in self._names))

    @property
    def _names(self) -> list[str]:
        return [log.stem for log in sorted(self.home.glob("*.log"))]

    def drain(self, timeout_s: float = 180) -> float:
        """Wait until everything is committed; return the seconds it took."""
        began = time.monotonic()

        def drained() -> bool:
            self.revive()
            return not any(self.behind().values())

        wait_until(drained, timeout_s, self._why_not)
        return time.monotonic() - began

    def _why_not(self) -> str:
        codes = {name: process.poll() for name, process in self.workers.processes.items()}
        logs = "\n".join(f"--- {name}\n{self.workers.log_of(name)[-2500:]}" for name in self._names)
        return f"not drained: {self.behind()}, exits {codes}\n{logs}"

    def committed(self, stage: str) -> dict[int, int]:
        """Committed offset of a group by partition of its topic."""
        consumer = self._consumer(stage)
        try:
            places = [TopicPartition(self.prefix + t.name, n) for t in GROUPS[stage] for n in range(PARTITIONS)]
            for attempt in stamina.retry_context(on=KafkaException, attempts=30, timeout=120):
                with attempt:  # right after a restart the broker still loads its groups
                    return {place.partition: max(0, place.offset) for place in consumer.committed(places, timeout=20)}
            raise AssertionError("unreachable")
        finally:
            consumer.close()

    def _open(self, stage: str) -> dict[int, int]:
        committed = self.committed(stage)
        consumer = self._consumer(stage)
        try:
            left = {}
            for topic in GROUPS[stage]:
                for number in range(PARTITIONS):
                    place = TopicPartition(self.prefix + topic.name, number)
                    _, high = consumer.get_watermark_offsets(place, timeout=20)
                    left[number] = max(0, high - committed[number])
            return left
        finally:
            consumer.close()

    def _consumer(self, stage: str) -> Consumer:
        group = f"{self.prefix}hypercare-{stage}"
        return Consumer(
            {"bootstrap.servers": self.real.kafka, "group.id": group, "enable.auto.commit": False, "log_level": 0}
        )

    def rewind(self, stage: str, number: int) -> None:
        """Make a stopped stage read a partition from its beginning again."""
        admin = AdminClient({"bootstrap.servers": self.real.kafka})
        (topic,) = GROUPS[stage]
        place = TopicPartition(self.prefix + topic.name, number, 0)
        request = ConsumerGroupTopicPartitions(f"{self.prefix}hypercare-{stage}", [place])

        def done() -> bool:
            try:
                (answer,) = admin.alter_consumer_group_offsets([request]).values()
                (place,) = answer.result(20).topic_partitions
            except KafkaException:
                return False  # a static member is remembered until its session ends
            return place.error is None

        wait_until(done, 30)

    def audit(
        self, *, history: Sequence[Any] = (), lost: AbstractSet[Place] = frozenset(), kept_letters: Sequence[Any] = ()
    ) -> Audit:
        """Hold everything that came out against what stood in the raw topic.

        ``history`` is what was read from it before something was deleted, ``lost`` the places that are to be missing,
        ``kept_letters`` dead letters read before their topic was deleted.
        """
        found = {(message.partition(), message.offset()): message for message in [*history, *self.read(GATEWAY.name)]}
        raw = read_raw(message for place, message in found.items() if place not in lost)
        if not lost:
            seen = {one.seq for one in raw if one.seq is not None}
            assert len(seen) == self.plan.made, "the feeder itself lost events"
        letters = [*kept_letters, *self.read(GATEWAY.name + DEAD_LETTER_SUFFIX)]
        audits = []
        if "telemetry" in self.kinds():
            values = [message.value() for message in self.read(CALLS.name)]
            audits.append(audit_enriched(raw, values, self.committed("telemetry")))
            audits.append(audit_letters(raw, letters, "telemetry", exact=False))
        if "sink-calls" in self.kinds():
            hits = documents(self.real, f"logs-hypercare.calls-default.{self.plan.run}")
            audits.append(audit_documents(raw, [hit["_id"] for hit in hits], self.plan.run))
        if "counting" in self.kinds():
            counting = as_counting_sees(raw)
            audits.append(audit_counted(counting, self.read(COUNTED.name), self.totals()))
            audits.append(audit_letters(counting, letters, "counting", exact=True))
            audits.append(self._audit_marker())
        return together(audits)

    def read(self, topic: str) -> list[Any]:
        """Every committed record of a topic of this run."""
        return read_topic(self.real, self.prefix + topic)

    def totals(self) -> dict[str, list[int]]:
        """State of the counting stage as its topic has it."""
        prefix = f"{TOTALS.name}/".encode()
        found: dict[str, list[int]] = {}
        for message in read_topic(self.real, self.prefix + CountingStage.state.name):
            if message.key().startswith(prefix):
                found[message.key().removeprefix(prefix).decode()] = orjson.loads(message.value())
        return found

    def _audit_marker(self) -> Audit:
        """Nothing is committed beyond what the state counts."""
        positions: dict[int, int] = {}
        for message in read_topic(self.real, self.prefix + CountingStage.state.name):
            if message.key() == MARKER:
                said = orjson.loads(message.value())["positions"]
                positions[message.partition()] = said.get(self.prefix + GATEWAY.name, 0)
        ahead = sum(offset > positions.get(number, 0) for number, offset in self.committed("counting").items())
        return Audit(events=0, uncovered=ahead)

    def wait_owning(self, stage: str) -> None:
        """Wait until the process of a stage that was started last owns partitions; its forerunners share the log."""
        self.wait_begun(stage)

        def owns() -> bool:
            lines = self.workers.log_of(stage).splitlines()
            begun = max((n for n, line in enumerate(lines) if "Consumer]: Starting" in line), default=len(lines))
            return any("partitions_assigned" in line for line in lines[begun:])

        wait_until(owns, 60, lambda: self.workers.log_of(stage)[-2_000:])

    def metric(self, stage: str, name: str) -> float:
        """A metric of a running stage, without labels."""
        port = (self.home / "workers" / f"{stage}-test.port").read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith(name)))

    def close(self) -> None:
        """End whatever still runs."""
        for process in self.workers.processes.values():
            process.kill()
            process.wait()
