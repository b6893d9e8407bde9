"""How long a problem has to stay away before its fix is believed."""

from __future__ import annotations

import math
from typing import NamedTuple

from processors.incidents.record import Record

DOUBT = 0.01
"""Chance that an unmended problem would have kept quiet for so long (Poisson: e^(-rate · t))."""
LEAST_S, MOST_S = 600.0, 86_400.0
"""A window has to close and a finding to end before quiet means anything; after a day people want to know."""
ENDS_S = 600.0
"""A finding that is still open so long after the fix was not mended by it."""


class Quiet(NamedTuple):
    """Seconds without a sign, and the reason in words."""

    seconds: float
    reason: str


def quiet_of(record: Record) -> Quiet:
    """From the rate at which it showed itself: failing calls beyond the usual, or reports."""
    rate, of_what = _rate(record)
    if rate <= 0:
        return Quiet(MOST_S, "how often it shows is not known, hence a day")
    wanted = -math.log(DOUBT) / rate
    seconds = min(MOST_S, max(LEAST_S, wanted))
    return Quiet(
        seconds,
        f"{3_600 * rate:.3g} {of_what} an hour before: unmended, it would show within {wanted / 60:.3g} minutes "
        f"with {1 - DOUBT:.0%} probability; between {LEAST_S / 60:.0f} minutes and a day",
    )


def _rate(record: Record) -> tuple[float, str]:
    """Signs a second while it lasted, by the evidence that shows most."""
    found = [
        (
            max(0.0, proof.facts.get("observed", 0.0) - proof.facts.get("expected", 0.0))
            / _length(proof.since, proof.last_at),
            "failing calls",
        )
        for proof in record.proofs("finding")
    ]
    found += [(proof.count / _length(proof.since, proof.last_at), "reports") for proof in record.proofs("group")]
    return max(found, default=(0.0, ""))


def _length(since: float, until: float) -> float:
    return max(60.0, until - since)
