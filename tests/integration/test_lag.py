"""Lag counts records, not the markers that end transactions."""

from __future__ import annotations

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from contracts.topics import GATEWAY
from hypercare.lag import stage_lags
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines

pytestmark = pytest.mark.engines


def test_markers_of_transactions_are_not_lag(engines: RunningEngines, prefix: str) -> None:
    kafka, topic = engines.endpoints.kafka, prefix + GATEWAY.name
    apply_topics(kafka, prefix=prefix, partitions=1)
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": prefix})
    producer.init_transactions(20)
    for commits in (True, True, False):
        producer.begin_transaction()
        producer.produce(topic, b"{}")
        producer.flush(20)
        (producer.commit_transaction if commits else producer.abort_transaction)(20)
    group = Consumer({"bootstrap.servers": kafka, "group.id": f"{prefix}hypercare-telemetry", "log_level": 0})
    try:
        for offset, lag in ((1, 5), (2, 4), (3, 0), (6, 0)):
            group.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
            assert stage_lags(kafka, prefix=prefix)[0].lag == lag
    finally:
        group.close()
