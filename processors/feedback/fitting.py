"""A mask may be longer than what it hides: what it made too long for its field is cut, and noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from contracts.cloudevents import said_of
from contracts.errors import Rejected
from contracts.feedback import EnrichedFeedback

SHORTENED = "shortened_by_masking"
NAMELESS = "(nameless)"


def within_limits(feedback: EnrichedFeedback) -> EnrichedFeedback:
    """The same, or with what is too long cut; raise `Rejected` for what cannot be mended so."""
    encoded = feedback.encode()
    try:
        EnrichedFeedback.model_validate_json(encoded)
    except ValidationError as error:
        body = orjson.loads(encoded)
        for problem in error.errors(include_url=False, include_input=False):
            _cut(body, problem["loc"], problem.get("ctx") or {})
        body["notes"] = [*body.get("notes", ()), SHORTENED]
        return _read(orjson.dumps(body))
    return feedback


def _read(encoded: bytes) -> EnrichedFeedback:
    try:
        return EnrichedFeedback.model_validate_json(encoded)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False, include_context=False)
        raise Rejected("does_not_fit_masked", "; ".join(said_of(one) for one in problems[:5])) from None


def _cut(body: Any, place: tuple[int | str, ...], limits: Mapping[str, Any]) -> None:
    """Cut the text at a place that validation named; an attribute that lost its name gets one."""
    inside, name = body, None
    for step in place:
        found = inside.get(step) if isinstance(inside, dict) else None
        if isinstance(inside, list) and isinstance(step, int) and step < len(inside):
            found = inside[step]
        if isinstance(found, dict | list):
            inside = found
        elif isinstance(found, str) and name is None:
            name = step
    most = limits.get("max_length")
    if isinstance(inside, dict) and "" in inside:
        inside[NAMELESS] = inside.pop("")
    elif name is not None and isinstance(most, int):
        inside[name] = inside[name][:most]
