"""Bring the topics of a broker to what the catalogue says; only `make_anew` takes anything away."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from contracts.errors import Stop
from contracts.topic import Topic
from contracts.topics import CATALOGUE
from hypercare.kafka_answers import answering

TIMEOUT_S = 20.0
GONE_WITHIN_S, POLL_S = 30.0, 0.2
State = Literal["created", "exists", "differs"]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one topic; ``note`` says in what it differs from the catalogue."""

    topic: str
    state: State
    partitions: int
    note: str = ""


def apply_topics(
    bootstrap: str, *, prefix: str = "", partitions: int | None = None, topics: Sequence[Topic] = CATALOGUE
) -> list[Applied]:
    """Create what is missing and say what differs; run it as often as you like."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": int(TIMEOUT_S * 1000)})
    wanted = [topic.prefixed(prefix) for topic in topics]
    try:
        found = admin.list_topics(timeout=TIMEOUT_S)
        replicas = min(3, len(found.brokers))
        missing = [topic for topic in wanted if topic.name not in found.topics]
        for topic in missing:
            _create(admin, topic, partitions or topic.partitions, replicas)
    except KafkaException as error:
        raise Stop(
            f"Kafka at {bootstrap} cannot be used: {error.args[0].str()}",
            fix="check the address (HYPERCARE_KAFKA) and the right to create topics",
        ) from error
    return [
        _describe(topic, None if topic in missing else len(found.topics[topic.name].partitions), partitions)
        for topic in wanted
    ]


def make_anew(bootstrap: str, topic: Topic) -> None:
    """Delete a topic and create it with as many partitions: of a compacted one no record can be deleted alone."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "socket.timeout.ms": int(TIMEOUT_S * 1000)})
    with answering(bootstrap):
        found = admin.list_topics(timeout=TIMEOUT_S).topics.get(topic.name)
        if found is not None:
            admin.delete_topics([topic.name], operation_timeout=TIMEOUT_S)[topic.name].result(TIMEOUT_S)
        deadline = time.monotonic() + GONE_WITHIN_S
        while topic.name in admin.list_topics(timeout=TIMEOUT_S).topics:
            if time.monotonic() > deadline:
                raise Stop(
                    f"Kafka has not deleted {topic.name} within {GONE_WITHIN_S:.0f} s.",
                    fix="wait until it is gone, then `hypercare setup`",
                )
            time.sleep(POLL_S)
    apply_topics(bootstrap, partitions=len(found.partitions) if found is not None else None, topics=(topic,))


def _create(admin: AdminClient, topic: Topic, partitions: int, replicas: int) -> None:
    request = NewTopic(topic.name, partitions, replicas, config=topic.config())
    for future in admin.create_topics([request], operation_timeout=TIMEOUT_S).values():
        try:
            future.result(TIMEOUT_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # another start was quicker
                raise


def _describe(topic: Topic, found: int | None, partitions: int | None) -> Applied:
    wanted = partitions or topic.partitions
    if found is None:
        return Applied(topic.name, "created", wanted)
    if found == wanted:
        return Applied(topic.name, "exists", found)
    return Applied(topic.name, "differs", found, f"has {found} partitions, the catalogue says {wanted}")
