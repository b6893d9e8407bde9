"""What the rules say of one piece of feedback, in the words of the contract."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from contracts.feedback import EnrichedFeedback
from contracts.limits import MOST
from contracts.understanding import (
    MOST_CANDIDATES,
    CallLink,
    Candidate,
    Category,
    CategoryName,
    Grouped,
    Security,
    Severity,
)
from processors.feedback.category.categorise import Judgement
from processors.feedback.grouping.report import Decision, Report
from processors.feedback.joining.links import Links
from processors.feedback.score import Telemetry, score, severity

MOST_WORDS = 12
MOST_POINTS = 100.0
LONGEST_LAG_S = 1e9
"""Thirty years: what is further apart carries an absurd time, and is told as this."""
FIRST_S, LAST_S = -62_000_000_000, 253_000_000_000
"""The years 5 to 9987, in seconds since 1970."""


def category_of(judgement: Judgement, label: str | None) -> Category:
    """What it is about: by an analyst's word where there is one."""
    if label is not None:
        return Category(
            name=cast(CategoryName, label),
            probability=1.0,
            words=judgement.words[:MOST_WORDS] if label == judgement.category else (),
            language_supported=judgement.language_supported,
            by_analyst=True,
        )
    return Category(
        name=cast(CategoryName, judgement.category),
        probability=_share(judgement.probability),
        words=judgement.words[:MOST_WORDS],
        needs_triage=judgement.needs_triage,
        language_supported=judgement.language_supported,
    )


def security_of(judgement: Judgement, label: str | None) -> Security:
    """Whether few may read it: an analyst who says what it is decides, else the head with the high recall."""
    found = judgement.security
    probability = 1.0 if label == "security" else _share(found.probability)
    restricted = label == "security" if label is not None else found.flagged or judgement.category == "security"
    return Security(probability=probability, words=found.words[:MOST_WORDS], restricted=restricted)


def report_of(feedback: EnrichedFeedback, where: str, category: str) -> Report:
    """As groups are told of it."""
    context = feedback.context
    return Report(
        project=where,
        id=feedback.id,
        at=int(feedback.occurred_at.timestamp()),
        text=feedback.text,
        title=feedback.title or "",
        language=feedback.language,
        reporter=feedback.reporter.pseudonym,
        route=context.route,
        journey=context.journey,
        release=context.release,
        session=feedback.session,
        channel=feedback.channel,
        category=category,
    )


def grouped_of(decision: Decision) -> Grouped:
    """The decision; title and counts are the group's, and come with `completed`."""
    return Grouped(
        group=decision.group,
        decision=decision.kind,
        similarity=_share(decision.similarity),
        confidence=_share(decision.confidence),
        evidence={name: _points(points) for name, points in decision.points.parts[:16]},
        reason=decision.reason,
        title="",
        nearest=decision.nearest,
        suggested=decision.suggested,
        suggested_similarity=_share(decision.suggested_similarity) if decision.suggested else None,
    )


def links_of(links: Links) -> tuple[CallLink, ...]:
    """The likeliest calls; what is known of the pattern goes to those that are of it."""
    made = []
    for link in links.links:
        pattern = link.pattern
        said: dict[str, Any] = {} if pattern is None else {
            "method": pattern.method or None,
            "route": pattern.route or None,
            "upstream": pattern.upstream or None,
            "outcome": pattern.outcome or None,
            "code": pattern.code or None,
            "blame": pattern.blame or None,
        }  # fmt: skip
        made.append(
            CallLink(
                call=link.call,
                occurred_at=_moment(link.at),
                by=link.by,
                points=_points(link.points),
                probability=_share(link.probability),
                lag_s=round(min(LONGEST_LAG_S, max(-LONGEST_LAG_S, link.lag_s)), 3),
                evidence={one.name: _points(one.points) for one in link.evidence[:16]},
                **said,
            )
        )
    return tuple(made)


def candidates_of(links: Links) -> tuple[Candidate, ...]:
    """Calls that may be behind it, where none is likely by itself."""
    return tuple(Candidate(call=call, probability=_share(chance)) for call, chance in links.further[:MOST_CANDIDATES])


def completed(feedback: EnrichedFeedback) -> EnrichedFeedback:
    """With severity and score, which follow from everything else."""
    category, security, group, said = feedback.category, feedback.security, feedback.group, feedback.severity
    if category is None or security is None or group is None or said is None:
        raise ValueError("severity and score follow from category, security, group and what the text says")
    telemetry = None
    linked = min(1.0, sum(link.probability for link in feedback.links))
    if feedback.links and feedback.links[0].outcome is not None:
        telemetry = Telemetry(feedback.links[0].outcome, linked)
    how_bad = severity(said.from_text, telemetry)
    found = score(
        how_bad,
        reporters=min(group.reporters + group.anonymous, MOST),
        linked=linked,
        category=category.name,
        category_probability=category.probability,
        security=security.probability if security.restricted else 0.0,
    )
    return with_(feedback, severity=Severity.trusted({**said.__dict__, "value": how_bad}), score=found)


def with_(feedback: EnrichedFeedback, **changes: Any) -> EnrichedFeedback:
    """The same feedback with other parts, which were made here and need no second validation."""
    return EnrichedFeedback.trusted({**feedback.__dict__, **changes})


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(min(LAST_S, max(FIRST_S, at)), UTC)


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _points(value: float) -> float:
    return round(min(MOST_POINTS, max(-MOST_POINTS, value)), 3)
