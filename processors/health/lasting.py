"""Whether known problems of combinations last, and whether their cause is named better by what came since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contracts.agreements import Project
from contracts.windows import UNKNOWN
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.detect import SURE
from processors.health.leaf_history import UPSTREAM, ProjectLeaves
from processors.health.look import Look
from processors.health.pinpoint import failures_of, inside, pinpoint, region, surer
from processors.health.sighting import CauseKey, Sighting
from processors.runtime import metrics

BETTER = 3.0
"""By how much a corrected cause has to score more: twenty times as likely."""
LASTS = 4.0
"""Score above which a finding is still there; low, because it is looked for in one place."""
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


def lasts(leaves: ProjectLeaves, said: Sighting, end: int) -> bool:
    """Whether a problem is still there: what a long look back shows may be over already."""
    calls, failed = region(leaves, said.cause, end - said.memory_s, end)
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
