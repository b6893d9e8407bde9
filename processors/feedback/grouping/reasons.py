"""The sentence that tells a person why."""

from __future__ import annotations

from processors.feedback.grouping.corpus import Near
from processors.feedback.grouping.decide import Choice, Verdict
from processors.feedback.grouping.project_index import ProjectIndex
from processors.feedback.grouping.report import Kind

MOST_PARTS = 4
_SAID = {
    "words": "words of the group",
    "nearest report": "nearest report",
    "size of the group": "size of the group",
    "chance": "what chance would do",
    "habit of the project": "how often reports repeat here",
    "close in time": "close in time",
    "long ago": "long ago",
}


def reason_of(index: ProjectIndex, verdict: Verdict, suggested: Choice | None) -> str:
    """One sentence with what decided."""
    near = verdict.near
    if verdict.group is None:
        if suggested is None:
            return "Nothing known is close enough, so it begins a group."
        return (
            f"It begins a group: “{_title(index, suggested.group)}” is only {suggested.chance:.0%} likely "
            f"({_parts(suggested)})."
        )
    if near and verdict.chance == 1.0 and verdict.kind in {"exact", "copy", "analyst"}:
        return _same(near, verdict.kind)
    said = f"{verdict.chance:.0%} likely “{_title(index, verdict.group)}” ({_parts(verdict)})."
    if near and verdict.kind == "analyst":
        return f"Like report {near.report} ({near.similarity:.0%} alike), which a person put there; {said}"
    if near and verdict.kind == "reworded":
        return f"Close to report {near.report} ({near.similarity:.0%} alike); {said}"
    return f"It fits the group of {index.size(verdict.group)} reports: {said}"


def _same(near: Near, kind: Kind) -> str:
    put = ", which a person put there" if kind == "analyst" else ""
    if near.similarity == 1.0:
        return f"The same text as report {near.report}{put}."
    return (
        f"Report {near.report} with small changes{put}: "
        f"{near.words:.0%} alike by its words, {near.letters:.0%} by its letters."
    )


def _parts(choice: Choice | Verdict) -> str:
    largest = sorted(choice.points.parts, key=lambda part: (-abs(part[1]), part[0]))[:MOST_PARTS]
    return ", ".join(f"{_SAID.get(name, name)} {points:+.1f}" for name, points in largest) or "no other is near"


def _title(index: ProjectIndex, group: str) -> str:
    known = index.groups.get(group)
    if known is not None and known.title:
        return known.title
    return next((stored.headline for stored in index.told(group, 1)), group)
