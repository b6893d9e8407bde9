"""Feedback as incidents see it: what it says, its group, the calls behind it, and the incident it was attached to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.feedback import EnrichedFeedback
from contracts.groups import FeedbackGroup
from contracts.understanding import CallLink

TROUBLE = frozenset({"functional_bug", "performance", "usability", "security"})
"""Categories that complain of something."""
LIKELY = 0.5
LIKELY_IN_CALM = {"session": 0.9, "user": 0.9, "anonymous": 0.65}
"""Probability of a link from which the call behind it counts; and by what ties them, where the words say nothing of it.

On simulated checkouts (seven seeds) 245 of 259 links beyond .5, and .9 by session or user, are of the problem, and most
of the others lead to calls of no incident. Whoever complains of something else has calls as well, and in a session or
of a user these tie. Of calm words without a name those below .65 are as often about anything else.
"""
WEAK, SLOW = frozenset({"session", "user"}), frozenset({"slow", "timeout"})
"""Ties that everybody has with calls, and ends of calls that nearly all calls have while a service is slow.

So of these the words have to speak as well: of trouble, or of what the call is about. On simulated ERP peaks (twenty
seeds) they do in 216 of 235 complaints about the peak, and in 6 of 57 pieces about anything else.
"""
MOST_TEXT = 400


@dataclass(slots=True)
class Complaint:
    """One piece of feedback. ``at`` is in seconds since 1970; ``known`` is what is known of the call behind it."""

    id: str
    at: float
    group: str
    category: str
    triage: bool
    severity: float
    security: float
    restricted: bool
    reporter: str
    channel: str
    language: str | None
    text: str
    call: str | None = None
    tie: str | None = None
    known: dict[str, str] = field(default_factory=dict)
    slow: bool = False
    failed: bool = False
    candidates: list[tuple[str, float]] = field(default_factory=list)
    """Calls that may be behind it, with their probabilities, where none is likely."""
    incident: str = ""
    by: str = ""
    """How it came there: by its ``call``, its ``group``, or a ``person``."""
    part: str = ""
    """The part of the incident that it belongs to, where a person merged that."""

    @property
    def complains(self) -> bool:
        """Whether it may go where its group goes."""
        return self.category in TROUBLE or self.triage


@dataclass(slots=True)
class GroupFacts:
    """A group as it was told last: ``reporters`` have a name each, ``anonymous`` reports have none."""

    group: str
    title: str
    category: str | None
    reports: int
    reporters: int
    last_hour: int
    expected_hour: float
    first_at: float
    last_at: float
    restricted: bool
    merged_into: str
    representatives: list[str]
    known_issue: bool = False
    anonymous: int = 0
    ripe_at: float = 0.0
    """When enough people had reported it to make an incident of it by itself."""

    @property
    def people(self) -> int:
        """How many people it may come from: who gives no name is taken for somebody else each time."""
        return self.reporters + self.anonymous


def complaint_of(feedback: EnrichedFeedback) -> Complaint | None:
    """What incidents need of it; None of one that was not understood."""
    category, group, security = feedback.category, feedback.group, feedback.security
    if category is None or group is None or security is None:
        return None
    likeliest = next(iter(feedback.links), None)
    link = likeliest if likeliest is not None and _counts(likeliest) else None
    together = link is None and (likeliest is None or _may_speak(likeliest))
    return Complaint(
        id=feedback.id,
        at=feedback.occurred_at.timestamp(),
        group=group.group,
        category=category.name,
        triage=category.needs_triage,
        severity=feedback.severity.value if feedback.severity else 0.0,
        security=security.probability,
        restricted=security.restricted,
        reporter=feedback.reporter.pseudonym or "",
        channel=feedback.channel,
        language=feedback.language,
        text=feedback.text[:MOST_TEXT],
        call=link.call if link else None,
        tie=link.by if link else None,
        known=_known(feedback) if link else {},
        slow=link is not None and link.outcome in SLOW,
        failed=link is not None and link.outcome not in {"slow", None},
        candidates=[(one.call, one.probability) for one in feedback.candidates] if together else [],
    )


def _speaks(link: CallLink) -> bool:
    """Whether its words are of trouble, or of what the call is about."""
    return link.evidence.get("tone", 0.0) + link.evidence.get("words", 0.0) > 0


def _may_speak(link: CallLink) -> bool:
    """Whether several calls may speak together for who met one of them: not in calm words, nor of another route."""
    return _speaks(link) and link.evidence.get("route", 0.0) >= 0


def _counts(link: CallLink) -> bool:
    """Whether the call of a link is behind it."""
    if _speaks(link):
        return link.probability >= LIKELY
    if link.by in WEAK and link.outcome in SLOW:
        return False
    return link.probability >= LIKELY_IN_CALM.get(link.by, LIKELY)


def _known(feedback: EnrichedFeedback) -> dict[str, str]:
    """What is known of the call behind it, when nothing else is remembered of that."""
    link, context = feedback.links[0], feedback.context
    found: Mapping[str, Any] = {
        "route": link.route,
        "method": link.method,
        "upstream": link.upstream,
        "browser": context.browser,
        "os": context.os,
        "device": context.device,
        "release": context.release,
    }
    return {name: value for name, value in found.items() if value}


def facts_of(group: FeedbackGroup) -> GroupFacts:
    """What incidents need of a group."""
    return GroupFacts(
        group=group.group,
        title=group.title,
        category=group.category,
        reports=group.reports,
        reporters=group.reporters,
        anonymous=group.anonymous,
        last_hour=group.last_hour,
        expected_hour=group.expected_hour,
        first_at=group.first_at.timestamp(),
        last_at=group.last_at.timestamp(),
        restricted=group.restricted,
        merged_into=group.merged_into or "",
        representatives=list(group.representatives),
        known_issue=group.known_issue is not None,
    )
