"""What a person or another system decides; the answer, accepted or refused, is an audit entry with the command's id."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from contracts.event import Event
from contracts.limits import Count, Id, Line, Moment, Name
from contracts.scoring import Priority, SeverityLevel
from contracts.understanding import CategoryName

IncidentAction = Literal[
    "acknowledge",
    "assign",
    "comment",
    "communicate",
    "start",
    "fix",
    "resolve",
    "close",
    "reopen",
    "defer",
    "mute",
    "merge",
    "split",
    "move",
    "reject",
    "noise",
    "override",
    "workaround",
    "quiet",
]
FeedbackAction = Literal[
    "relabel",
    "merge_groups",
    "split_group",
    "move_feedback",
    "rename_group",
    "know_issue",
    "forget_issue",
    "take_back",
]
Action = FeedbackAction | IncidentAction
INCIDENT_ACTIONS: frozenset[str] = frozenset(get_args(IncidentAction))
MOST_NAMED = 500
NEEDS: dict[Action, tuple[str, ...]] = {
    "relabel": ("feedback", "category"),
    "merge_groups": ("group", "into"),
    "split_group": ("group", "feedback"),
    "move_feedback": ("feedback", "into"),
    "rename_group": ("group", "title"),
    "know_issue": ("issue", "title"),
    "forget_issue": ("issue",),
    "take_back": ("command",),
    **dict.fromkeys(get_args(IncidentAction), ("incident",)),
    "assign": ("incident", "owner"),
    "comment": ("incident", "reason"),
    "defer": ("incident", "reason"),
    "mute": ("incident", "until", "reason"),
    "merge": ("incident", "into"),
    "split": ("incident", "evidence"),
    "move": ("incident", "evidence", "into"),
    "reject": ("incident", "reason"),
    "noise": ("incident", "reason"),
    "override": ("incident", "reason"),
    "workaround": ("incident", "workaround"),
    "quiet": ("until", "reason"),
}
"""Fields that an action cannot do without."""


class Command(Event):
    """One decision about feedback, or about an incident.

    ``relabel`` gives ``feedback`` a ``category``; ``merge_groups`` joins ``group`` to ``into``; ``split_group`` takes
    ``feedback`` out of ``group`` into a group of its own; ``move_feedback`` puts it ``into`` a group; ``rename_group``
    gives a title; ``know_issue`` makes a known problem of ``group``, or of whatever is like ``title`` and ``text``;
    ``forget_issue`` ends that; ``take_back`` undoes an earlier ``command``. The ``id`` makes it safe to send twice.

    Of an ``incident`` one says: ``acknowledge`` it; ``assign`` it to an ``owner``; ``comment``; ``communicate``, those
    concerned were told; ``start`` to work; ``fix``, one is deployed, or will be with ``release``; ``resolve``;
    ``close``; ``reopen``; ``defer`` it, ``until`` a time or until it is reopened; ``mute`` it until a time; ``merge``
    it ``into`` another; ``split`` off or ``move`` ``evidence``; ``reject`` it; ``noise``, and so is what repeats it;
    ``override`` severity, priority, ``cvss`` or ``exploited``; tell a ``workaround``. ``quiet`` expects trouble until a
    time, of ``service`` or of the whole project; said again with a time that is over it ends that. All but ``comment``,
    ``communicate`` and ``quiet`` name the ``state_version`` seen.
    """

    ce_type: ClassVar[str] = "io.hypercare.command.given.v1"

    action: Action
    actor: Name = Field(min_length=1, description="who decided")
    reason: Line | None = None
    feedback: Annotated[tuple[Id, ...], Field(max_length=MOST_NAMED)] = ()
    category: CategoryName | None = None
    group: Name | None = None
    into: Name | None = None
    title: Line | None = None
    text: Line | None = None
    issue: Name | None = None
    workaround: Line | None = None
    command: Id | None = None
    incident: Name | None = None
    state_version: Count | None = Field(None, description="of the incident as it was seen; another one is refused")
    evidence: Annotated[tuple[Name, ...], Field(max_length=MOST_NAMED)] = ()
    owner: Name | None = None
    until: Moment | None = None
    severity: SeverityLevel | None = None
    priority: Priority | None = None
    cvss: Annotated[float, Field(ge=0, le=10)] | None = None
    exploited: bool | None = None
    release: Name | None = None
    service: Name | None = None

    @property
    def about_incident(self) -> bool:
        """Whether it is the incidents stage that answers."""
        return self.action in INCIDENT_ACTIONS or (self.action == "take_back" and self.incident is not None)

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        lacking = [name for name in NEEDS[self.action] if not getattr(self, name)]
        if lacking:
            raise ValueError(f"the action {self.action} needs {', '.join(lacking)}")
        return self
