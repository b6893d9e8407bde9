"""Whether a worker without partitions is a spare one: every partition of its topics is another member's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from confluent_kafka.admin import AdminClient

ASK_WITHIN_S = 5.0
Place = tuple[str, int]
"""Topic and number of a partition."""


class SpareMembers:
    """Asks the broker about one group; ``topics`` are those that it reads, as they are named there."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._topics = topics
        self._admin: AdminClient | None = None

    def others_own_all(self, member: str) -> bool:
        """Whether nothing is left for this member; blocks for seconds at most, raises `KafkaException`."""
        if self._admin is None:
            self._admin = AdminClient({"bootstrap.servers": self._bootstrap, "log_level": 0})
        described = self._admin.describe_consumer_groups([self._group], request_timeout=ASK_WITHIN_S)
        owned = {
            one.member_id: {(place.topic, place.partition) for place in one.assignment.topic_partitions}
            for one in described[self._group].result(ASK_WITHIN_S).members
        }
        there = self._admin.list_topics(timeout=ASK_WITHIN_S).topics
        return is_spare(member, owned, {(name, number) for name in self._topics for number in there[name].partitions})


def is_spare(member: str, owned: Mapping[str, set[Place]], places: set[Place]) -> bool:
    """Whether the others own every place. A member that owns some, and does not know it, is stuck and not spare.

    Shares are not always even: of four partitions, the first two of three members may own two each.
    """
    others = {place for name, theirs in owned.items() if name != member for place in theirs}
    return member in owned and bool(places) and places <= others
