"""The list as other constants would rank it, from the facts stored with each incident."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from contracts.cloudevents import said_of
from contracts.errors import Stop
from contracts.incidents import Incident
from contracts.scoring import Priority, Scoring
from hypercare.incidents.ranked import Which, ranked
from hypercare.masked import masked_line
from processors.incidents.score import ranking, score_of

WHEN_GATHERED = ("noise", "default_journey", "cvss")
"""Constants that enter the facts when these are gathered: what is stored cannot tell what others would have done."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An incident with its place, priority and score by the constants in force, and by the others."""

    incident: str
    title: str
    rank_now: int
    rank_then: int
    priority_now: str
    priority_then: str
    score_now: float
    score_then: float


def changes_of(said: Iterable[str]) -> dict[str, float]:
    """Read ``name=number`` pairs; raise `Stop` that names every mistake."""
    changes: dict[str, float] = {}
    wrong: list[str] = []
    for text in said:
        name, _, value = (part.strip() for part in text.partition("="))
        problem = _problem(name, value, changes)
        if problem:
            wrong.append(problem)
        else:
            changes[name] = float(value)
    if wrong or not changes:
        raise Stop(
            "; ".join(wrong) or "Nothing is set.",
            fix=f"write --set name=number, of {', '.join(settable())}",
            exit_code=2,
        )
    return changes


def _problem(name: str, value: str, before: Mapping[str, float]) -> str:
    if name in before:
        return f"{name} is set twice"
    if name in WHEN_GATHERED:
        return f"{name} counts when the facts are gathered, so a list that is there cannot tell"
    if name not in settable():
        near = difflib.get_close_matches(name, settable(), n=1)
        return f"there is no constant {name!r}" + (f", {near[0]} perhaps" if near else "")
    try:
        float(value)
    except ValueError:
        return f"{name}: {value!r} is no number"
    return ""


def settable() -> list[str]:
    """Constants that can be tried on a list that is there."""
    return [name for name in Scoring.model_fields if name not in WHEN_GATHERED]


def with_changes(scoring: Scoring, changes: Mapping[str, float]) -> Scoring:
    """The constants with some others; raise `Stop` when they do not go together."""
    try:
        return Scoring.model_validate({**scoring.model_dump(), **changes})
    except ValidationError as error:
        problems = "; ".join(said_of(problem) for problem in error.errors(include_url=False, include_input=False))
        raise Stop(
            f"These constants do not go together: {problems.removeprefix('event: ')}.",
            fix="weights of one kind sum up to 1: set the others, too",
            exit_code=2,
        ) from None


def ranked_otherwise(
    incidents: Iterable[Incident], scoring_of: Callable[[Incident], Scoring], which: Which
) -> list[Moved]:
    """The open incidents in their new order, each with its old and its new place."""
    now = ranked(incidents, which)
    scores = {one.incident: score_of(one.score.inputs, scoring_of(one)) for one in now}
    then = {one.incident: _priority(one, scores[one.incident].priority) for one in now}
    order = sorted(now, key=lambda one: ranking(scores[one.incident], then[one.incident], one.incident))
    places = {one.incident: place for place, one in enumerate(now, 1)}
    return [
        Moved(
            incident=one.incident,
            title=masked_line(one.title),
            rank_now=places[one.incident],
            rank_then=place,
            priority_now=one.priority,
            priority_then=then[one.incident],
            score_now=one.score.value,
            score_then=scores[one.incident].value,
        )
        for place, one in enumerate(order, 1)
    ]


def _priority(incident: Incident, computed: Priority) -> Priority:
    """What a person set stays, whatever the constants."""
    override = incident.override
    return override.priority if override is not None and override.priority else computed
