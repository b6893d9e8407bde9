"""Ask and set where a consumer group stands, through the broker's administration."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.errors import Stop, Unavailable
from hypercare.kafka_answers import answering
from hypercare.topic_reader import Partition

TIMEOUT_S, POLL_S = 15.0, 0.5


class ConsumerGroups:
    """The groups of one broker."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})

    def members(self, group: str) -> int:
        """How many members a group has; none when the broker does not know it."""
        with answering(self._bootstrap):
            try:
                described = self._admin.describe_consumer_groups([group], request_timeout=TIMEOUT_S)[group].result()
            except KafkaException as error:
                if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                    return 0
                raise
            return len(described.members)

    def committed(self, group: str, partition: Partition) -> int | None:
        """Offset that a group reads next in a partition; None when it never committed one."""
        asked = ConsumerGroupTopicPartitions(group, [TopicPartition(*partition)])
        with answering(self._bootstrap):
            found = self._admin.list_consumer_group_offsets([asked], request_timeout=TIMEOUT_S)[group].result()
        offset = found.topic_partitions[0].offset
        return offset if offset >= 0 else None

    def commit(self, group: str, partition: Partition, offset: int) -> None:
        """Move a group that has no members; raise `Stop` when it got one meanwhile."""
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(*partition, offset)])
        try:
            with answering(self._bootstrap):
                futures = self._admin.alter_consumer_group_offsets([wanted], request_timeout=TIMEOUT_S)
                moved = futures[group].result().topic_partitions[0]
                if moved.error is not None:
                    raise KafkaException(moved.error)
        except Unavailable as error:
            raise Stop(
                f"The group was not moved: {error}", fix="stop the stage wherever it runs, then try again"
            ) from error


def members_after(groups: ConsumerGroups, group: str, patience_s: float, say: Callable[[str], None]) -> int:
    """How many members a group has once the broker had so long to forget those of a stage that has ended."""
    deadline = time.monotonic() + patience_s
    told = False
    while (members := groups.members(group)) and time.monotonic() < deadline:
        if not told:
            say(f"Waiting up to {patience_s:.0f} s until Kafka has noticed that the stage ended …")
            told = True
        time.sleep(POLL_S)
    return members


def check_at_rest(stage: str, members: int) -> None:
    """Raise `Stop` for a stage whose group has members: it is at work, here or elsewhere."""
    if members:
        raise Stop(
            f"{stage} is still at work: its group has {members} member{'s' if members > 1 else ''}.",
            fix=f"`hypercare stop {stage}`, here and wherever else it runs; then try again",
        )
