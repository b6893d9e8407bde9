"""Three real brokers on this machine: one is killed, and nothing that was acknowledged is gone."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from hypercare.engines.engine import Endpoints
from hypercare.engines.kafka_cluster import KafkaCluster
from hypercare.engines.process_record import family, is_running, read_record
from hypercare.engines.settings import EngineSettings
from hypercare.settings import Settings
from tests.scenarios.engine_content import read_topic
from tests.scenarios.workers import wait_until

pytestmark = [pytest.mark.engines, pytest.mark.timeout(180)]

TOPIC = "kept"
BOUND_S = 60.0


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="hypercare-cluster-"))
    made.chmod(0o755)  # the engines do not run as root
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def leader_of(admin: AdminClient) -> int:
    return int(admin.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions[0].leader)


def acknowledged(producer: Producer, values: list[bytes], *, timeout_s: float = 30) -> list[bytes]:
    """Produce and return what the cluster confirmed, in order."""
    confirmed: list[bytes] = []

    def note(error: object, message: object) -> None:
        if error is None:
            confirmed.append(message.value())  # type: ignore[attr-defined]

    for value in values:
        producer.produce(TOPIC, value, on_delivery=note)
    assert producer.flush(timeout_s) == 0
    return confirmed


def test_what_was_acknowledged_survives_the_killed_leader(home: Path) -> None:
    settings = EngineSettings(home=home, cache=Settings().cache)
    began = time.monotonic()
    with KafkaCluster(settings) as cluster:
        assert cluster.running() == (1, 2, 3)
        admin = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        admin.create_topics([NewTopic(TOPIC, 1, 3)], operation_timeout=20)[TOPIC].result(20)
        producer = Producer(
            {"bootstrap.servers": cluster.bootstrap, "enable.idempotence": True, "acks": "all", "log_level": 0}
        )
        before = acknowledged(producer, [b"before-%d" % number for number in range(5_000)])
        assert len(before) == 5_000

        transactions = Producer(
            {"bootstrap.servers": cluster.bootstrap, "transactional.id": "kept", "transaction.timeout.ms": 10_000}
        )
        transactions.init_transactions(30)
        leader = leader_of(admin)
        cluster.kill(leader)
        assert leader not in cluster.running()
        during = acknowledged(producer, [b"during-%d" % number for number in range(1_000)])
        assert len(during) == 1_000, "two of three are enough"
        assert leader_of(admin) != leader
        transactions.begin_transaction()
        transactions.produce(TOPIC, b"in a transaction")
        transactions.commit_transaction(30)
        found = [message.value() for message in read_topic(Endpoints(cluster.bootstrap, ""), TOPIC)]
        assert found == [*before, *during, b"in a transaction"], "all of it, once, in order"

        cluster.start(leader)
        assert cluster.running() == (1, 2, 3)
        after = acknowledged(producer, [b"after"])
        assert after == [b"after"]
        assert end_of(cluster) == 6_003, "with the transaction and its marker"
        processes = [p for i in (1, 2, 3) if (r := read_record(home / "run" / f"kafka-{i}.json")) for p in family(r)]
        assert len(processes) == 3
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
    assert time.monotonic() - began < BOUND_S


def end_of(cluster: KafkaCluster) -> int:
    consumer = Consumer({"bootstrap.servers": cluster.bootstrap, "group.id": "end", "log_level": 0})
    try:
        return int(consumer.get_watermark_offsets(TopicPartition(TOPIC, 0), timeout=10)[1])
    finally:
        consumer.close()


KILLED = """
import sys, time
from pathlib import Path
from hypercare.engines.kafka_cluster import KafkaCluster
from hypercare.engines.settings import EngineSettings
with KafkaCluster(EngineSettings(home=Path(sys.argv[1]), cache=Path(sys.argv[2])), nodes=1) as cluster:
    print(cluster.bootstrap, flush=True)
    time.sleep(120)
"""


def test_a_killed_test_run_leaves_no_broker(home: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(home), str(Settings().cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("127.0.0.1:")
        record = read_record(home / "run" / "kafka-1.json")
        assert is_running(record)
        run.kill()
    wait_until(lambda: not is_running(record), 20)
