"""Whether a worker without partitions is a spare one: every partition of its topics is another member's."""

from __future__ import annotations

from collections.abc import Sequence

from confluent_kafka.admin import AdminClient

ASK_WITHIN_S = 5.0


class SpareMembers:
    """Asks the broker about one group; ``topics`` are those that it reads, as they are named there."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._topics = topics
        self._admin: AdminClient | None = None

    def are_fine(self) -> bool:
        """Whether all partitions are owned; blocks for seconds at most, raises `KafkaException`.

        Shares are not always even: of four partitions, the first two of three members may own two each.
        """
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self._bootstrap, "log_level": 0})
        owned: set[tuple[str, int]] = set()
        described = self._admin.describe_consumer_groups([self._group], request_timeout=ASK_WITHIN_S)
        for member in described[self._group].result(ASK_WITHIN_S).members:
            owned |= {(place.topic, place.partition) for place in member.assignment.topic_partitions}
        there = self._admin.list_topics(timeout=ASK_WITHIN_S).topics
        wanted = {(name, number) for name in self._topics for number in there[name].partitions}
        return bool(owned) and wanted <= owned
