"""Consumers held to what was agreed about them: how many of their calls may fail, how few and how many may come.

What is agreed needs no past, so it holds from the first five minutes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from contracts.agreements import ConsumerBounds, Project
from contracts.findings import FindingKind
from contracts.windows import ATTRIBUTES
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.detect import ALARM, FEW, SURE
from processors.health.leaf_history import ProjectLeaves
from processors.health.pinpoint import codes_of_cause, failures_of, without
from processors.health.sighting import AGREED, CauseKey, Sighting

CONSUMER = ATTRIBUTES.index("consumer")
SPAN_S = 300
"""Minutes that are counted together: what comes and goes within them is nobody's agreement."""
ERRORS_OF_SAMPLE = 2.0
"""Standard errors of a sample by which calls are taken for fewer or more, to the advantage of the consumer."""
DETECTOR = "agreed_with_consumer"


@dataclass(frozen=True, slots=True)
class _Came:
    calls: float
    error: float
    failed: float


def beyond_agreed(leaves: ProjectLeaves, agreed: Project, end: int, aside: Iterable[CauseKey]) -> Iterator[Sighting]:
    """Consumers that are out of bounds in the last five minutes; failures ``aside`` have a cause that is known."""
    bounds = agreed.bounds()
    if leaves.kind != "errors" or not bounds or leaves.first is None or end - SPAN_S < leaves.first:
        return
    known = [(cause, codes) for cause in aside if (codes := codes_of_cause(cause, leaves)) is not None]
    for name, bound in bounds.items():
        cause = (("consumer", name),)
        others = [codes for other, codes in known if other != cause]
        yield from _judged(leaves, cause, bound, _came(leaves, name, end, others), end)


def _judged(leaves: ProjectLeaves, cause: CauseKey, bound: ConsumerBounds, came: _Came, end: int) -> Iterator[Sighting]:
    share, minutes = bound.failing_share, SPAN_S / 60
    if share is not None and came.failed >= FEW:
        sure = chance_share_exceeds(share, round(came.failed), round(came.calls))
        if sure > SURE:
            failures = failures_of(leaves, cause, end - SPAN_S, end)
            yield _sighting(
                "errors",
                cause,
                end,
                came,
                observed=came.failed,
                expected=share * came.calls,
                sure=sure,
                failures=failures,
            )
    if bound.most_calls is not None:
        least, most = came.calls - ERRORS_OF_SAMPLE * came.error, bound.most_calls * minutes
        if least > most and poisson_score(least, most) >= ALARM:
            yield _sighting("volume_surge", cause, end, came, observed=came.calls, expected=most)
    if bound.least_calls is not None:
        most, least = came.calls + ERRORS_OF_SAMPLE * came.error, bound.least_calls * minutes
        if most < least and poisson_score(most, least) >= ALARM:
            yield _sighting("volume_drop", cause, end, came, observed=came.calls, expected=least)


def _came(leaves: ProjectLeaves, name: str, end: int, others: list[tuple[tuple[int, int], ...]]) -> _Came:
    """What came of a consumer; one whose name is not known has not come."""
    rows, names = leaves.between(end - SPAN_S, end), leaves.values[CONSUMER]
    if name not in names:
        return _Came(0.0, 0.0, 0.0)
    theirs = rows.where(np.asarray(rows.codes[:, CONSUMER] == names.index(name)))
    variance = 0.0 if theirs.variance is None else float(theirs.variance.sum())
    unexplained = without(theirs, others).sums[:, 1].sum()
    return _Came(float(theirs.sums[:, 0].sum()), sqrt(variance), float(unexplained))


def _sighting(
    kind: FindingKind,
    cause: CauseKey,
    end: int,
    came: _Came,
    *,
    observed: float,
    expected: float,
    sure: float = SURE,
    failures: dict[str, int] | None = None,
) -> Sighting:
    return Sighting(
        kind=kind,
        cause=cause,
        since=end - SPAN_S,
        until=end,
        calls=came.calls,
        observed=observed,
        expected=expected,
        score=poisson_score(observed, expected),
        confidence=sure,
        detectors=(DETECTOR,),
        failures=failures or {},
        caveats=(AGREED,),
    )
