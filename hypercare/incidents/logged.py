"""What happened to an incident, entry by entry, as its audit keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from contracts.audit import AuditEntry
from contracts.cloudevents import rfc3339
from hypercare.incidents.shown import Lines
from hypercare.masked import masked_line

MOST_COMMENTS = 3
"""Comments that are told with the incident itself, the latest."""
MOMENTS = frozenset({"until"})
"""Values that older entries keep as seconds since 1970; 0 for none."""


def comments_of(entries: Iterable[AuditEntry], most: int = MOST_COMMENTS) -> list[AuditEntry]:
    """The latest comments, in their order."""
    return [entry for entry in entries if entry.action == "comment" and entry.accepted][-most:]


def comment_line(entry: AuditEntry) -> str:
    """Who said what, when."""
    return masked_line(f"{rfc3339(entry.occurred_at)}  {entry.actor}: {entry.reason or ''}")


def logged(entries: Sequence[AuditEntry]) -> Lines:
    """Each entry: when, who, what, why, what it changed, and the command that can be taken back."""
    for entry in entries:
        number = "" if entry.link is None else f"{entry.link.sequence:>4}  "
        done = entry.action if entry.accepted else f"{entry.action}, refused"
        by = f"  {entry.command}" if entry.command else ""
        yield f"{number}{rfc3339(entry.occurred_at)}", masked_line(f"{entry.actor}: {done}{by}")
        if entry.reason:
            yield "", masked_line(entry.reason)
        if entry.refusal:
            yield "", masked_line(f"not done: {entry.refusal}")
        for line in changes(entry) if entry.accepted else ():
            yield "", line


def changes(entry: AuditEntry) -> list[str]:
    """What changed, each in a line: before, then after."""
    names = dict.fromkeys((*entry.before, *entry.after))
    return [
        masked_line(f"{name}: {_said(name, entry.before.get(name))} → {_said(name, entry.after.get(name))}")
        for name in names
        if entry.before.get(name) != entry.after.get(name)
    ]


def _said(name: str, value: str | None) -> str:
    """A value as people read it."""
    if name in MOMENTS and value:
        try:
            seconds = float(value)
            return rfc3339(datetime.fromtimestamp(seconds, UTC)) if seconds else "-"
        except (ValueError, OverflowError, OSError):
            return value
    return "-" if value in {None, "", "None"} else str(value)
