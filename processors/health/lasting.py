"""Whether known problems of combinations last, and whether their cause is named better by what came since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts.agreements import Project
from contracts.windows import UNKNOWN
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.detect import SURE
from processors.health.leaf_history import UPSTREAM, ProjectLeaves
from processors.health.look import Look
from processors.health.pinpoint import codes_of_cause, failures_of, inside, pinpoint, region, surer, without
from processors.health.sighting import CauseKey, Sighting
from processors.runtime import metrics

BETTER = 3.0
"""By how much a corrected cause has to score more: twenty times as likely."""
LASTS = 4.0
"""Score above which a finding is still there; low, because it is looked for in one place."""
APART = 5.0
"""Failures that a problem would show outside of the others, did it last as it began, from which it is judged there:
their absence is chance in one of 150 looks, and it takes five minutes of them until a finding closes."""
SERVED = 20
"""Calls that reached an upstream before a problem of routing began."""
AGREED_S = 300
"""How far back failures are held against what was agreed for a route or consumer."""


def accepted(leaves: ProjectLeaves, agreed: Project, end: int) -> Iterator[CauseKey]:
    """Routes and consumers of whose calls some fail, but surely no more than was agreed for them."""
    for cause, share in agreed.accepted():
        calls, failed = region(leaves, cause, end - AGREED_S, end)
        if failed and chance_share_exceeds(share, round(failed), round(calls)) <= SURE:
            metrics.ACCEPTED.inc()
            yield cause


def lasts(leaves: ProjectLeaves, said: Sighting, end: int, others: Iterable[CauseKey] = ()) -> bool:
    """Whether a problem is still there: what a long look back shows may be over already.

    What fails where it meets one of the ``others``, which are open too, proves nothing: a fault that moved to other
    attributes would keep its old cause open. Where hardly a call lies outside of them, all of them count.
    """
    rows = inside(leaves, said.cause, end - said.memory_s, end)
    known = [codes for cause in others if (codes := codes_of_cause(cause, leaves)) is not None]
    alone = without(rows, known)
    if alone.sums[:, 0].sum() * said.observed >= APART * max(said.calls, 1.0):
        rows = alone
    calls, failed = float(rows.sums[:, 0].sum()), float(rows.sums[:, 1].sum())
    expected = calls * said.usual_share
    return failed > expected and poisson_score(failed, max(expected, 0.1)) >= LASTS


def was_served(leaves: ProjectLeaves, said: Sighting) -> bool:
    """Whether calls of a cause used to reach an upstream: who looks for what never was finds no route either."""
    rows = inside(leaves, said.cause, leaves.first or said.since, said.since)
    upstreams = leaves.values[UPSTREAM]
    nowhere = upstreams.index(UNKNOWN) if UNKNOWN in upstreams else -1
    served = bool(rows.sums[rows.codes[:, UPSTREAM] != nowhere, 0].sum() >= SERVED)
    if not served:
        metrics.NEVER_SERVED.inc()
    return served


def refined(leaves: ProjectLeaves, said: Sighting, end: int, others: list[CauseKey]) -> Sighting | None:
    """The same problem with a cause that explains it better, if there is one."""
    for better in pinpoint(leaves, Look(said.since, end), aside=others, since=said.since):
        if better.cause != said.cause and better.score > BETTER + whole(leaves, said, end).score:
            return better
    return None


def whole(leaves: ProjectLeaves, said: Sighting, end: int) -> Sighting:
    """A known cause, from its beginning to now."""
    calls, failed = region(leaves, said.cause, said.since, end)
    expected = calls * said.usual_share
    score = poisson_score(failed, max(expected, 0.1))
    return replace(
        said,
        confidence=surer(said, score),
        until=end,
        calls=calls,
        observed=failed,
        expected=expected,
        score=score,
        failures=failures_of(leaves, said.cause, said.since, end),
    )
