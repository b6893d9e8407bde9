"""Places where a worker can be made to die, so that tests can try every moment; off unless the environment asks.

``HYPERCARE_FAIL_AT=name:n`` kills the process with SIGKILL when it comes to that place for the nth time.
"""

from __future__ import annotations

import os
import signal

BEFORE_WRITE = "before_write"
"""A run was processed, nothing was written."""
BEFORE_ACK = "before_ack"
"""Everything of a run is written, Kafka has not been told."""
SUMS_WRITTEN = "sums_written"
"""The sums that cover a run are written, Kafka has not been told that the run is done."""
BULK_ANSWERED = "bulk_answered"
"""Elasticsearch has answered, nobody has looked."""
EPOCH_BEGUN = "epoch_begun"
"""Inside a transaction, before its outputs."""
EPOCH_WRITTEN = "epoch_written"
"""Inside a transaction, before its commit."""
EPOCH_COMMITTED = "epoch_committed"
"""After a transaction, before its runs are acknowledged."""
NAMES = (BEFORE_WRITE, BEFORE_ACK, SUMS_WRITTEN, BULK_ANSWERED, EPOCH_BEGUN, EPOCH_WRITTEN, EPOCH_COMMITTED)
VARIABLE = "HYPERCARE_FAIL_AT"


def _asked() -> tuple[str, int]:
    name, _, count = os.environ.get(VARIABLE, "").partition(":")
    if name and name not in NAMES:
        raise ValueError(f"{VARIABLE} names {name!r}; there are {', '.join(NAMES)}")
    return name, int(count or 1)


_name, _left = _asked()


def armed(name: str) -> bool:
    """Whether this process shall die at this place, now or later."""
    return name == _name


def reached(name: str) -> None:
    """Die here, if this is the place and the time."""
    global _left  # noqa: PLW0603 - one process, one countdown
    if name != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
