"""One piece of feedback: as it arrived, and as the feedback stage understands it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from contracts.errors import Rejected
from contracts.event import Event, Part
from contracts.limits import MAX_ATTACHMENTS, Count, Id, Line, Moment, Name, Text
from contracts.understanding import (
    MOST_CANDIDATES,
    MOST_LINKS,
    CallLink,
    Candidate,
    Category,
    Grouped,
    KnownIssue,
    Security,
    Severity,
)

Channel = Literal["ticket", "email", "hotline", "survey", "interview", "in_app", "api", "chat", "social"]
Scale = Literal["nps", "csat", "ces", "stars"]
BOUNDS: Final[Mapping[str, tuple[int, int]]] = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7), "stars": (1, 5)}
"""Lowest and highest value of each scale, as it is asked.

Who takes new events refuses what lies outside; readers of old ones must not, so it is no rule of the model: the
feedback stage just does not believe it."""


def on_scale(scale: str, value: float) -> bool:
    """Whether a value is on its scale."""
    low, high = BOUNDS[scale]
    return low <= value <= high


class Source(Part):
    """The system the feedback comes from, and its own name for it."""

    system: Name | None = None
    id: Name | None = None
    url: Line | None = None


class Rating(Part):
    """A number somebody gave, on a known scale."""

    scale: Scale
    value: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]

    @property
    def fits(self) -> bool:
        """Whether the value is on its scale."""
        return on_scale(self.scale, self.value)

    def check(self) -> None:
        """Raise `Rejected` for a value that is not on its scale; the value is not repeated."""
        if not self.fits:
            low, high = BOUNDS[self.scale]
            raise Rejected("invalid_field", f"rating.value: the scale {self.scale} goes from {low} to {high}")


class Reporter(Part):
    """Who reports; ``pseudonym`` may be any stable name, it is keyed again before it is stored."""

    pseudonym: Name | None = None
    role: Name | None = None
    segment: Name | None = None
    contact_ref: Name | None = Field(None, description="how to answer; never leaves the raw topic")


class Context(Part):
    """Where the reporter was."""

    journey: Name | None = None
    screen: Name | None = None
    route: Line | None = None
    release: Name | None = None
    browser: Name | None = None
    os: Name | None = None
    device: Name | None = None
    locale: Name | None = None


class TraceRef(Part):
    """What ties the feedback to API calls."""

    trace_id: Annotated[str, Field(max_length=64)] | None = None
    request_id: Id | None = None


class Feedback(Event):
    """One piece of feedback, from any channel."""

    ce_type: ClassVar[str] = "io.hypercare.feedback.submitted.v1"

    received_at: Moment | None = None
    channel: Channel = "api"
    source: Source = Source()
    text: Text
    title: Line | None = None
    language: Annotated[str, Field(max_length=35)] | None = Field(None, description="BCP 47 tag")
    rating: Rating | None = None
    reporter: Reporter = Reporter()
    context: Context = Context()
    trace: TraceRef = TraceRef()
    session: Name | None = None
    attachments: Annotated[tuple[Line, ...], Field(max_length=MAX_ATTACHMENTS)] = ()
    thread: Name | None = Field(None, description="id of the message this one answers")


class Masked(Part):
    """How many pieces of each kind were masked in title and text."""

    secret: Count = 0
    email: Count = 0
    phone: Count = 0
    card: Count = 0
    account: Count = 0
    ip: Count = 0
    name: Count = 0


class EnrichedFeedback(Feedback):
    """Feedback with nothing personal or secret left in it, and what was understood of it.

    ``reporter.pseudonym`` and ``session`` are keyed pseudonyms, ``reporter.contact_ref`` is gone. The same feedback
    comes again with a higher ``revision`` when more is known: a call that failed was told late, a group was merged, an
    analyst decided. ``links`` are the likeliest calls behind it, best first; none where nothing is likely enough.
    """

    ce_type: ClassVar[str] = "io.hypercare.feedback.enriched.v1"

    masked: Masked = Masked()
    language_confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    origin: Line | None = Field(None, description="CloudEvents source of the raw event")
    notes: tuple[Name, ...] = ()
    revision: Count = 0
    category: Category | None = None
    security: Security | None = None
    severity: Severity | None = None
    group: Grouped | None = None
    links: Annotated[tuple[CallLink, ...], Field(max_length=MOST_LINKS)] = ()
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=MOST_CANDIDATES)] = Field(
        (), description="calls that may be behind it where none is likely by itself: together they tell which trouble"
    )
    known_issue: KnownIssue | None = None
    score: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = Field(
        None, description="how much it is worth a look, 0 to 100"
    )
