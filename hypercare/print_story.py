"""The truth about a story beside what was made of it: found or not, how soon, with whose complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from contracts.cloudevents import derived_id, rfc3339
from contracts.incidents import Incident
from hypercare.evaluate.planted import is_exact, is_of
from producers.simulate.story import Story


@dataclass(frozen=True, slots=True)
class Held:
    """One planted problem against the incident that is taken for it; ``rank`` is 0 where there is none."""

    planted: str
    rank: int = 0
    found: str = ""
    exact: bool = False
    minutes: float | None = None
    attached: int = 0
    complaints: int = 0
    foreign: int = 0


def held_against(story: Story, incidents: Sequence[Incident], replay_at: datetime) -> list[Held]:
    """Every planted problem, its times moved so that the last call happened at ``replay_at``."""
    shift = replay_at - story.last_call
    about = moved_ids(story.truth["feedback"], story.said, shift)
    return [_held(fault, incidents, about, shift) for fault in story.truth["problems"]]


def moved_ids(about: Mapping[str, str], said: Mapping[str, datetime], shift: timedelta) -> dict[str, str | None]:
    """Which problem each piece of feedback is about, by the id that the replay gave it."""
    return {derived_id(name, rfc3339(at + shift)): about.get(name) for name, at in said.items()}


def _held(
    fault: Mapping[str, Any], incidents: Sequence[Incident], about: Mapping[str, str | None], shift: timedelta
) -> Held:
    complaints = sum(problem == fault["problem"] for problem in about.values())
    planted = f"{fault['problem']}: {_words(fault['cause'])}"
    place = next((place for place, one in enumerate(incidents) if is_of(one, fault)), None)
    if place is None:
        return Held(planted, complaints=complaints)
    incident = incidents[place]
    onset = datetime.fromisoformat(fault["onset"]) + shift
    problems = [about.get(name) for name in incident.feedback]
    return Held(
        planted,
        rank=place + 1,
        found=incident.title,
        exact=is_exact(incident, fault),
        minutes=(incident.noticed - onset).total_seconds() / 60,
        attached=problems.count(fault["problem"]),
        complaints=complaints,
        foreign=len(problems) - problems.count(fault["problem"]),
    )


def _words(cause: Mapping[str, str]) -> str:
    return " + ".join(f"{attribute} {value}" for attribute, value in cause.items())


def truth_table(held: Sequence[Held]) -> Table:
    """The truth beside what was found."""
    table = Table(
        title="What was planted, and what was made of it", title_justify="left", title_style="bold", box=SIMPLE_HEAD
    )
    table.add_column("planted", overflow="fold", ratio=3)
    table.add_column("found as", overflow="fold", ratio=3)
    for name in ("place", "cause", "after", "complaints", "foreign"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in held:
        found = one.rank > 0
        table.add_row(
            escape(one.planted),
            escape(one.found) if found else "not found",
            str(one.rank) if found else "-",
            ("exact" if one.exact else "near") if found else "-",
            f"{one.minutes:.1f} min" if one.minutes is not None else "-",
            f"{one.attached} of {one.complaints}",
            str(one.foreign),
        )
    return table
