"""A group as others see it."""

from __future__ import annotations

from processors.feedback.grouping.headline import central, top_words
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.report import Group

REPRESENTATIVES = 5
WORDS = 10
LOOKED_AT = 50
"""Latest reports that are no copies from which representatives and words are taken."""


def view(index: ProjectIndex, project: str, group: str, at: int) -> Group | None:
    """A live group at a moment in seconds since 1970, found by its own id or that of one that became part of it."""
    root = index.root(group)
    known = index.groups.get(root)
    if known is None:
        return None
    tally, told = known.tally, index.told(root, LOOKED_AT)
    counts = index.profiles.counts(root)
    return Group(
        project=project,
        id=root,
        title=known.title,
        reports=tally.reports,
        reporters=tally.distinct,
        anonymous=tally.anonymous,
        first_at=tally.first_at,
        last_at=tally.last_at,
        last_hour=tally.last_hour(at),
        expected=round(tally.usual(at), 3),
        words=top_words([stored.headline for stored in told], counts, WORDS),
        representatives=central(told, counts, REPRESENTATIVES),
        routes=tally.top("route"),
        journeys=tally.top("journey"),
        releases=tally.top("release"),
        channels=tally.top("channel"),
        errors=tally.top("error"),
        categories=tally.top("category"),
        languages=tally.top("language"),
        merged=tuple(index.parts(root)),
    )
