"""What a person or another system decides; the answer, accepted or refused, is an audit entry with the command's id."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from contracts.event import Event
from contracts.limits import Id, Line, Name
from contracts.understanding import CategoryName

Action = Literal[
    "relabel",
    "merge_groups",
    "split_group",
    "move_feedback",
    "rename_group",
    "know_issue",
    "forget_issue",
    "take_back",
]
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
}
"""Fields that an action cannot do without."""


class Command(Event):
    """One decision about feedback.

    ``relabel`` gives ``feedback`` a ``category``; ``merge_groups`` joins ``group`` to ``into``; ``split_group`` takes
    ``feedback`` out of ``group`` into a group of its own; ``move_feedback`` puts it ``into`` a group; ``rename_group``
    gives a title; ``know_issue`` makes a known problem of ``group``, or of whatever is like ``title`` and ``text``;
    ``forget_issue`` ends that; ``take_back`` undoes an earlier ``command``. The ``id`` makes it safe to send twice.
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

    @model_validator(mode="after")
    def _has_what_its_action_needs(self) -> Self:
        lacking = [name for name in NEEDS[self.action] if not getattr(self, name)]
        if lacking:
            raise ValueError(f"the action {self.action} needs {', '.join(lacking)}")
        return self
