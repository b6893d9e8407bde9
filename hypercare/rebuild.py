"""Build what a stage remembers anew: its state is thrown away, and all that Kafka still has is read again.

The group is moved first: a crash between the two leaves a state that says itself how far it goes, as if nothing had
been done. Documents and events keep their ids, so that what is told again replaces what was told before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.errors import Stop
from contracts.topic import Topic
from contracts.topics import FEEDBACK_STATE, HEALTH_STATE, INCIDENTS_STATE
from hypercare.consumer_groups import ConsumerGroups
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


def rebuild(bootstrap: str, stage: str, *, prefix: str = "", members: Callable[[ConsumerGroups, str], int]) -> Rebuilt:
    """Do it; raise `Stop` for a stage without state or one that is still at work, as ``members`` of its group tell."""
    if stage not in STATES:
        raise Stop(
            f"{stage} remembers nothing that could be built anew."
            if stage in READS
            else f"There is no stage {stage!r}.",
            fix=f"choose one of {', '.join(STATES)}",
            exit_code=2,
        )
    groups, group = ConsumerGroups(bootstrap), group_of(stage, prefix)
    if count := members(groups, group):
        raise Stop(
            f"{stage} is still at work: its group has {count} member{'s' if count > 1 else ''}.",
            fix=f"`hypercare stop {stage}`, here and wherever else it runs; then try again",
        )
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
