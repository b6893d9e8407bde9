"""Who or what changed what, when and why; append-only."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from contracts.event import Event
from contracts.limits import Id, Line, Name

Detail = Annotated[dict[Name, Line], Field(max_length=32)]


class AuditEntry(Event):
    """The answer to one command, or a change that the system made by itself.

    ``occurred_at`` is the time of the command. ``before`` and ``after`` hold what changed, by name.
    """

    ce_type: ClassVar[str] = "io.hypercare.audit.entry.v1"

    subject: Literal["feedback", "group", "known_issue", "command"]
    subject_id: Name
    action: Name
    actor: Name
    accepted: bool
    command: Id | None = Field(None, description="the command that this answers")
    reason: Line | None = Field(None, description="the actor's reason")
    refusal: Line | None = Field(None, description="why it was not done, and what to do")
    before: Detail = Field(default_factory=dict)
    after: Detail = Field(default_factory=dict)
