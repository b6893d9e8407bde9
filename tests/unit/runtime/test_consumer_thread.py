"""What the reading thread complains of."""

from __future__ import annotations

from faust.types import TP

from processors.runtime.consumer_thread import ConsumerThread


class Looked(ConsumerThread):
    """A thread that has neither a consumer nor an app to look at."""

    def __init__(self) -> None:
        self.seen: list[TP] = []

    def _verify_aiokafka_event_path(self, now: float, tp: TP) -> bool:
        del now
        self.seen.append(tp)
        return False


def test_it_looks_at_fetching_and_at_nothing_that_idle_partitions_lack() -> None:
    thread, place = Looked(), TP("calls", 3)
    thread.verify_event_path(1_000.0, place)
    assert thread.seen == [place]
