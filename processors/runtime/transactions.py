"""One Kafka transaction after the other for one partition number, and the fence that keeps all others out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from contracts.errors import Stop, Unavailable
from processors.runtime import fail_points
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.kafka_writer import SETTINGS, TOO_LARGE
from processors.runtime.stage import Outgoing

T = TypeVar("T")
TRY_AGAIN_AFTER_S = 0.2
WAIT_S = 5.0
BATCH = 10_000
READ_TIMEOUT_S = 60.0
_PASSING = {
    KafkaError._TIMED_OUT,  # noqa: SLF001 - their public names
    KafkaError._TRANSPORT,  # noqa: SLF001
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record for a given partition of the state topic."""

    key: bytes
    value: bytes | None


class Transactions:
    """The transactional producer of ``stage/partition``; its methods block and belong in a thread.

    All of them wait as long as the broker is away, until `close` is called. They raise `Unavailable` then, and when
    another worker has taken over: from then on nothing that is written here counts.
    """

    def __init__(self, bootstrap: str, *, transactional_id: str, topic_prefix: str, state: str, partition: int) -> None:
        settings = {name: value for name, value in SETTINGS.items() if name != "delivery.timeout.ms"}
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, **settings, "transactional.id": transactional_id, "log_level": 0}
        )
        self._bootstrap = bootstrap
        self._prefix = topic_prefix
        self._state, self._partition = topic_prefix + state, partition
        self._refused: list[KafkaError] = []
        self._closed = threading.Event()
        self.busy_since: float | None = None

    def close(self) -> None:
        """Let whoever waits in a thread give up; an open transaction is the next owner's to abort."""
        self._closed.set()

    def take_over(self) -> None:
        """Fence every earlier owner: its open transaction is aborted, its next write fails."""
        try:
            self._patiently(lambda: self._producer.init_transactions(WAIT_S))
        except KafkaException as failure:
            raise _lost(failure.args[0]) from failure

    def read_state(self) -> Iterator[tuple[bytes, bytes | None]]:
        """Every committed entry of the state partition up to its end, in order; call it after `take_over`."""
        consumer = Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": f"{self._state}.reader",  # needed by the client, never joined
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "fetch.message.max.bytes": 8 * 1_048_576,
                "queued.min.messages": 500_000,
                "auto.offset.reset": "error",
                "log_level": 0,
            }
        )
        try:
            place = TopicPartition(self._state, self._partition)
            low, high = self._patiently(lambda: consumer.get_watermark_offsets(place, timeout=WAIT_S))
            consumer.assign([TopicPartition(self._state, self._partition, low)])
            deadline = time.monotonic() + READ_TIMEOUT_S
            while low < high and not self._closed.is_set():
                for message in consumer.consume(BATCH, 1.0):
                    error = message.error()
                    deadline = time.monotonic() + READ_TIMEOUT_S
                    if error is None:
                        yield message.key() or b"", message.value()
                    elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its public name
                        low = max(low, message.offset() or 0)
                    elif not _is_passing(error):
                        raise Unavailable(f"{self._state}/{self._partition} cannot be read: {error.str()}")
                if time.monotonic() > deadline:
                    raise Unavailable(f"{self._state}/{self._partition} cannot be read to its end at {high}")
        finally:
            consumer.close()

    def commit(self, outputs: Sequence[Outgoing], entries: Sequence[Entry]) -> None:
        """Write outputs and state entries, all or nothing."""
        self.busy_since = time.monotonic()
        while not self._try_to_commit(outputs, entries):
            self._pause()
        self.busy_since = None

    def _try_to_commit(self, outputs: Sequence[Outgoing], entries: Sequence[Entry]) -> bool:
        self._refused.clear()
        try:
            self._producer.begin_transaction()
            fail_points.reached(fail_points.EPOCH_BEGUN)
            for out in outputs:
                partition = self._partition if out.at_home else -1
                self._produce(self._prefix + out.topic, partition, out.key, out.value, out.headers)
            for entry in entries:
                self._produce(self._state, self._partition, entry.key, entry.value, ())
            if fail_points.armed(fail_points.EPOCH_WRITTEN):
                self._producer.flush()
                fail_points.reached(fail_points.EPOCH_WRITTEN)
            self._patiently(lambda: self._producer.commit_transaction(WAIT_S))
        except KafkaException as failure:
            error: KafkaError = failure.args[0]
            if error.fatal() or not error.txn_requires_abort():
                raise _lost(error) from failure
            self._patiently(lambda: self._producer.abort_transaction(WAIT_S))
            self._stop_if_refused()
            return False
        return True

    def _produce(
        self,
        topic: str,
        partition: int,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, str | bytes | None]],
    ) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, partition, on_delivery=self._delivered, headers=list(headers))
            except BufferError:
                self._producer.poll(0.05)
            else:
                return

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._refused.append(error)

    def _stop_if_refused(self) -> None:
        """Sizes are checked before: a broker that finds something too large is set up otherwise than said."""
        for error in self._refused:
            if error.code() in TOO_LARGE:
                raise Stop(
                    f"a topic of partition {self._partition} takes less than its catalogue says: {error.str()}",
                    fix="raise max.message.bytes of the topics with `hypercare topics apply`",
                    exit_code=EXIT_PERSON,
                )

    def _patiently(self, call: Callable[[], T]) -> T:
        """Call until it goes through or fails for good."""
        while True:
            try:
                return call()
            except KafkaException as failure:
                error: KafkaError = failure.args[0]
                if error.fatal() or error.txn_requires_abort() or not _is_passing(error):
                    raise
                self._pause()

    def _pause(self) -> None:
        if self._closed.wait(TRY_AGAIN_AFTER_S):
            raise Unavailable(f"partition {self._partition} was given up while the broker was away")


def _is_passing(error: KafkaError) -> bool:
    return error.retriable() or error.code() in _PASSING


def _lost(error: KafkaError) -> Unavailable:
    return Unavailable(f"the transaction cannot go on, another worker may have taken over: {error.str()}")
