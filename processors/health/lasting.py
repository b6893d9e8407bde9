"""Whether known problems of combinations last, and whether their cause is named better by what came since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contracts.agreements import Project
from processors.health.chances import chance_share_exceeds, poisson_score
from processors.health.detect import SURE
from processors.health.leaf_history import ProjectLeaves
from processors.health.look import Look
from processors.health.pinpoint import failures_of, pinpoint, region, surer
from processors.health.sighting import CauseKey, Sighting
from processors.runtime import metrics

BETTER = 3.0
"""By how much a corrected cause has to score more: twenty times as likely."""
LASTS = 4.0
"""Score above which a finding is still there; low, because it is looked for in one place."""
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
