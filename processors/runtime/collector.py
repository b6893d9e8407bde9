"""How often Python looks for garbage in a worker."""

from __future__ import annotations

import gc

GC_THRESHOLDS = (50_000, 50, 100)


def calm_the_collector() -> None:
    """Let the garbage collector look rarely: a stage's objects die by reference count, and thousands are in flight.

    With Python's own thresholds it takes a tenth of a worker's time (`make bench`). Called again after much was
    loaded that stays, such as the state of a partition, it leaves that alone from then on.
    """
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
