"""Take a person out of what stages remember: one transaction a partition, as the stage itself would write it.

1. take over the stage's transactional id: whatever it had begun is aborted, and it cannot write any more;
2. read every entry of the state partition, and change what `Forgetting` says;
3. commit the changes; the stage starts again from its marker, and reads what it had not committed once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.topic import Topic
from contracts.topics import FEEDBACK_STATE, HEALTH_STATE, INCIDENTS_STATE
from hypercare.searching.forgotten_entries import Forgetting
from hypercare.topic_reader import TopicReader
from processors.runtime.stateful import MARKER
from processors.runtime.transactions import Entry, Transactions

STAGES: dict[str, Topic] = {"feedback": FEEDBACK_STATE, "incidents": INCIDENTS_STATE, "health": HEALTH_STATE}
AT_ONCE = 5_000
"""Entries a transaction, so that none outlives the time a broker gives it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the state of a stage held of a person before, and holds after."""

    stage: str
    before: int
    after: int


def forget_state(bootstrap: str, forgetting: Forgetting, *, prefix: str = "") -> Iterator[Kept]:
    """Do it for every stage that has state; raise `Unavailable` when a stage takes its partition back meanwhile."""
    with TopicReader(bootstrap) as reader:
        numbers = {
            stage: [number for _, number in reader.partitions(prefix + topic.name)] for stage, topic in STAGES.items()
        }
    for stage, topic in STAGES.items():
        before = after = 0
        for number in numbers[stage]:
            transactions = Transactions(
                bootstrap,
                transactional_id=f"{prefix}{stage}/{number}",
                topic_prefix=prefix,
                state=topic.name,
                partition=number,
            )
            transactions.take_over()
            changes = _changes(transactions, forgetting)
            for start in range(0, len(changes), AT_ONCE):
                transactions.commit([], changes[start : start + AT_ONCE])
            before += len(changes)
            after += len(_changes(transactions, forgetting)) if changes else 0
        yield Kept(stage, before, after)


def _changes(transactions: Transactions, forgetting: Forgetting) -> list[Entry]:
    latest = {key: value for key, value in transactions.read_state() if key != MARKER}
    return [Entry(*entry) for key, value in latest.items() for entry in forgetting.of(key, value)]
