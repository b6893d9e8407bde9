"""Lines that are in our contract already, bare or as structured CloudEvents."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Generic, TypeVar

import orjson

from contracts.calls import GatewayCall
from contracts.cloudevents import STRUCTURED, derived_id, open_envelope, read_event
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.signals import Signal
from producers.adapters.adapter import Place, line_id
from producers.adapters.json_lines import json_object
from producers.adapters.moments import plausible

E = TypeVar("E", bound=Event)
_STRUCTURED_MODE = [("content-type", STRUCTURED)]
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)", re.IGNORECASE)


class Contract(Generic[E]):
    """One event of ours a line; its own id, tenant, project and environment are kept."""

    name = "contract"

    def __init__(self, event: type[E], needed: tuple[str, ...]) -> None:
        self.event = event
        self._needed = frozenset(needed)

    def recognises(self, line: bytes) -> bool:
        """Tell it by its CloudEvents type, or by the fields no other format has together."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        if "specversion" in record:
            return record.get("type") == self.event.ce_type
        moment = record.get("occurred_at")
        return self._needed <= record.keys() and isinstance(moment, str) and _WITH_OFFSET.fullmatch(moment) is not None

    def parse(self, line: bytes, place: Place) -> E:
        """Validate one event."""
        structured = "specversion" in json_object(line)
        envelope = open_envelope(line, _STRUCTURED_MODE if structured else None)
        if envelope.id is None:  # by the place, so that two equal lines stay two events
            envelope = replace(envelope, id=line_id(line, place, None))
        elif not 1 <= len(envelope.id) <= 200:  # noqa: PLR2004 - the bounds of contracts.limits.Id
            envelope = replace(envelope, id=derived_id(envelope.id))
        try:
            event = read_event(envelope, self.event)
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):
            raise Rejected("not_json", "holds what strict JSON does not allow") from None
        plausible(event.occurred_at)
        return _owned(event, place)


def _owned(event: E, place: Place) -> E:
    owner = {"tenant": place.tenant, "project": place.project, "environment": place.environment}
    absent = {name: value for name, value in owner.items() if name not in event.model_fields_set}
    return event.model_copy(update=absent) if absent else event


CONTRACT_CALLS = Contract(GatewayCall, ("request", "response", "occurred_at"))
CONTRACT_FEEDBACK = Contract(Feedback, ("text", "occurred_at"))
CONTRACT_SIGNALS = Contract(Signal, ("kind", "occurred_at"))
