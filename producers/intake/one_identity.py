"""The same person is the same pseudonym, whatever channel says who it is; no name or address goes further than here.

The stages work pseudonyms out in the same way and keep those that are made already.
"""

from __future__ import annotations

from typing import Any

from contracts.calls import GatewayCall
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.pseudonyms import pseudonym, pseudonym_of_person
from contracts.quick import changed


def pseudonymous(event: Event, secret: bytes) -> Event:
    """The event with reporter, user and session under keyed pseudonyms; how to answer stays, in the raw topic only."""
    changes: dict[str, Any] = {}
    if session := getattr(event, "session", None):
        changes["session"] = pseudonym(session, secret)
    if isinstance(event, Feedback) and (event.reporter.pseudonym or "").strip():
        known = pseudonym_of_person(event.reporter.pseudonym or "", secret)
        changes["reporter"] = event.reporter.model_copy(update={"pseudonym": known})
    if event.ce_type == GatewayCall.ce_type and (user := getattr(event, "user", None)):
        changes["user"] = pseudonym(user, secret)
    return changed(event, **changes) if changes else event
