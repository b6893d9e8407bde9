"""One call that somebody may complain about: it failed, or took far longer than such calls usually do."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from contracts.calls import Blame, DeviceClass, Outcome
from contracts.event import Event
from contracts.limits import Id, Line, Milliseconds, Name, Status

MAX_MESSAGE_CHARS = 200
"""Of an error message: its words are compared with those of complaints, and the first ones say what went wrong."""
SlowRatio = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class Symptom(Event):
    """A failing or slow call, with what a complaint can be joined on; not all of them are published, see the caps.

    ``call`` is the id of the call in `hypercare.calls`, ``occurred_at`` and the place are the call's. ``id`` follows
    from the call's, so that a replay repeats the same. ``user`` and ``session`` are pseudonyms under the same key as
    those of feedback: the same name gives the same one. ``slow_ratio`` is the duration against what is usual for the
    route at its upstream, left out while that is not known; the outcome of a call that is only slow is ``ok``.
    """

    ce_type: ClassVar[str] = "io.hypercare.symptom.noticed.v1"

    call: Id
    method: Annotated[str, StringConstraints(max_length=32)] | None = None
    route: Line | None = None
    upstream: Name | None = None
    status: Status
    outcome: Outcome
    blame: Blame = "none"
    code: Name | None = Field(None, description="of the error, as the gateway named it")
    message: Annotated[str, StringConstraints(max_length=MAX_MESSAGE_CHARS)] | None = Field(
        None, description="of the error: its beginning, secrets masked"
    )
    total_ms: Milliseconds | None = None
    slow_ratio: SlowRatio | None = None
    user: Name | None = None
    session: Name | None = None
    trace_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    request_id: Id | None = None
    browser: Name | None = None
    os: Name | None = None
    device: DeviceClass = "unknown"
    country: Annotated[str, StringConstraints(max_length=2)] | None = None
    release: Name | None = None
    consumer: Name | None = None
    instance: Name | None = Field(None, description="of the gateway")
