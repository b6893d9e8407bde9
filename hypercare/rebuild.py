"""Build what a stage remembers anew: its state is thrown away, and all that Kafka still has is read again.

The group is moved first: a crash between the two leaves a state that says itself how far it goes, as if nothing had
been done. Documents and events keep their ids, but revisions begin anew: sinks keep the higher one, so what was told
more often before is replaced only once it was told as often again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.errors import Stop
from contracts.topic import Topic
from contracts.topics import FEEDBACK_STATE, HEALTH_STATE, INCIDENTS_STATE
from hypercare.consumer_groups import ConsumerGroups, check_at_rest, members_after
from hypercare.flow import READS, group_of
from hypercare.topic_reader import TopicReader
from hypercare.topics import make_anew

STATES: dict[str, Topic] = {"feedback": FEEDBACK_STATE, "health": HEALTH_STATE, "incidents": INCIDENTS_STATE}
"""Stages that remember something, and where."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What will be read again: records by topic; and the state topic that is empty now."""

    stage: str
    state: str
    records: dict[str, int]


def rebuild(
    bootstrap: str, stage: str, *, prefix: str = "", patience_s: float = 0, say: Callable[[str], None]
) -> Rebuilt:
    """Do it; wait up to ``patience_s`` for the broker to forget the members of a stage that has ended.

    Raise `Stop` for a stage that remembers nothing, or that is at work.
    """
    if stage not in STATES:
        raise Stop(
            f"{stage} remembers nothing that could be built anew."
            if stage in READS
            else f"There is no stage {stage!r}.",
            fix=f"choose one of {', '.join(STATES)}",
            exit_code=2,
        )
    groups, group = ConsumerGroups(bootstrap), group_of(stage, prefix)
    check_at_rest(stage, members_after(groups, group, patience_s, say))
    records: dict[str, int] = {}
    with TopicReader(bootstrap) as reader:
        for topic in READS[stage]:
            name = prefix + topic.name
            for partition in reader.partitions(name):
                low, high = reader.span(partition)
                records[name] = records.get(name, 0) + high - low
                groups.commit(group, partition, low)
    state = STATES[stage].prefixed(prefix)
    make_anew(bootstrap, state)
    return Rebuilt(stage, state.name, records)
