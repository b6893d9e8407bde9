"""Which projects have to hear of a partition again, though it may have no more calls of theirs.

Whoever closes windows cannot tell a reader that found no calls from one that is held up, or dead, and would judge a
window without calls that are still to be read. So of each project whose calls were found something is said with each
later range, until the partition has been read to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.windows import SourceRange
from processors.runtime import metrics
from processors.telemetry.window_messages import Place

MOST = 1_000
"""Projects of a partition that are remembered; whoever waits for one beyond them does so for a minute in vain."""


class SpokenOf:
    """Projects by partition of calls, and how far it was read for each, in milliseconds of event time since 1970."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], dict[Place, int]] = {}

    def missing(self, covered: SourceRange, low: Mapping[Place, int]) -> Iterator[tuple[Place, int]]:
        """Yield those that a range has no calls of, and how far it was read; ``low`` are those that it has.

        Calls of the present tell how far all projects of the present are; an import is a time of its own.
        """
        if covered.unread is None:
            return
        partition = covered.topic, covered.partition
        present = min((at_ms for place, at_ms in low.items() if place[3] is None), default=0)
        silent = {
            place: max(at_ms, present) if place[3] is None else at_ms
            for place, at_ms in self._known.pop(partition, {}).items()
            if place not in low
        }
        kept = {**silent, **low} if covered.unread else dict(low)
        for place in list(kept)[MOST:]:
            metrics.CAPPED.labels("project").inc()
            del kept[place]
        if kept:
            self._known[partition] = kept
        yield from silent.items()

    def forget(self) -> None:
        """Forget all of them: the partitions are another's, or are read again."""
        self._known.clear()
