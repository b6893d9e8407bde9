"""An event from an object of the contract or from its fields, validated at once."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from contracts.cloudevents import check_storable, said_of
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.limits import MAX_EVENT_BYTES

E = TypeVar("E", bound=Event)
_MOST_SAID = 5


@dataclass(frozen=True, slots=True)
class Place:
    """Where the events of an application belong, unless one says otherwise."""

    tenant: str = "default"
    project: str = "default"
    environment: str = "production"


def made(model: type[E], given: E | None, fields: Mapping[str, Any], place: Place) -> E:
    """Take an object as it is, or make one; raise `Rejected` that names the field. It happened now if not said."""
    if given is not None:
        if type(given) is not model:
            raise Rejected("invalid_type", f"a {type(given).__name__} is no {model.__name__}")
        if fields:
            raise Rejected("invalid_type", f"give a {model.__name__} or its fields, not both")
        return given
    _check_names(model, fields)
    whole = {
        "id": uuid.uuid4().hex,
        "occurred_at": datetime.now(UTC),
        "tenant": place.tenant,
        "project": place.project,
        "environment": place.environment,
        **fields,
    }
    try:
        event = model.model_validate(whole)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise Rejected("invalid_field", "; ".join(said_of(dict(one)) for one in problems[:_MOST_SAID])) from None
    if isinstance(event, Feedback) and event.rating:
        event.rating.check()
    return event


def size_of(event: Event) -> int:
    """Bytes of it as it will be sent; raise `Rejected` for what Kafka or a sink would not take."""
    try:
        value = event.encode()
    except ValueError:
        raise Rejected("not_utf8", "a text holds half a character (a lone surrogate)") from None
    if len(value) > MAX_EVENT_BYTES:
        raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
    check_storable(value)
    return len(value)


def _check_names(model: type[Event], fields: Mapping[str, Any]) -> None:
    for name in fields:
        if name not in model.model_fields:
            near = get_close_matches(name, model.model_fields, 1)
            hint = f"; is {near[0]} meant?" if near else f"; there are {', '.join(model.model_fields)}"
            raise Rejected("unknown_field", f"{name} is no field of {model.__name__}{hint}")
