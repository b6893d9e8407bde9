"""Who or what changed what, when and why; append-only."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from contracts.event import Event, Part
from contracts.limits import Count, Id, Line, Name

Detail = Annotated[dict[Name, Line], Field(max_length=32)]


class Link(Part):
    """The place of an entry in the chain of its incident: ``hash`` covers the entry and the ``previous`` hash.

    SHA-256, hexadecimal, over the entry's JSON with sorted keys and without ``hash``: whoever changes, removes or adds
    an entry afterwards has to change all later ones.
    """

    sequence: Count
    previous: Name = ""
    hash: Name = ""


class AuditEntry(Event):
    """The answer to one command, or a change that the system made by itself.

    ``occurred_at`` is the time of the command. ``before`` and ``after`` hold what changed, by name. A field that a
    reader does not know is kept, because the hash covers it.
    """

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="null")

    ce_type: ClassVar[str] = "io.hypercare.audit.entry.v1"

    subject: Literal["feedback", "group", "known_issue", "command", "incident", "project"]
    subject_id: Name
    action: Name
    actor: Name
    accepted: bool
    command: Id | None = Field(None, description="the command that this answers")
    reason: Line | None = Field(None, description="the actor's reason")
    refusal: Line | None = Field(None, description="why it was not done, and what to do")
    before: Detail = Field(default_factory=dict)
    after: Detail = Field(default_factory=dict)
    incident: Name | None = Field(None, description="the incident in whose chain this stands")
    link: Link | None = None
    restricted: bool = Field(default=False, description="of an incident that only few may read")
