"""Everything that was decided about one piece of feedback, in words, from its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from hypercare.masked import masked_line
from processors.feedback.joining.time_reason import MENTIONED, time_reason
from processors.incidents.grouped import who

Lines = Iterator[tuple[str, str]]
"""Heading, once for what belongs together, and line."""


def explained(document: Mapping[str, Any], group: Mapping[str, Any] | None = None) -> Lines:
    """What it says, what it is about, how bad, with whom, which calls, and what it was worth.

    ``group`` is the document of its group, whose title and counts may be newer.
    """
    said = document["hypercare"]
    yield "Feedback", f"{document['event']['id']}, {document['@timestamp']}, by {said.get('channel')}"
    if title := said.get("title"):
        yield "", masked_line(title)
    yield "", masked_line(document.get("message", ""))
    yield from _about(said)
    now = group["hypercare"]["group"] if group else {}
    newer = {name: now[name] for name in ("title", "reports", "reporters", "anonymous") if name in now}
    yield from _grouped({**said["group"], **newer} if said.get("group") else {}, said.get("known_issue") or {})
    told = said.get("title"), document.get("message")
    yield from _linked(said.get("links") or (), told, document["@timestamp"])
    if "score" in said:
        yield "Worth a look", f"{said['score']:.0f} of 100, revision {said.get('revision', 0)}"
    if notes := said.get("notes"):
        yield "Notes", ", ".join(notes)


def _about(said: Mapping[str, Any]) -> Lines:
    if "category" in said:
        who = "an analyst said so" if said.get("category_by_analyst") else f"{said['category_probability']:.0%} likely"
        yield "Category", f"{said['category']}, {who}{_because(said.get('category_words'))}"
        if said.get("needs_triage"):
            yield "", "needs triage: no category is likely enough"
        if not said.get("language_supported", True):
            yield "", f"the language ({said.get('language') or 'unknown'}) is not one of those that are understood"
    if said.get("security_probability", 0) > 0:
        visible = "; restricted" if said.get("restricted") else ""
        yield "Security", f"{said['security_probability']:.0%} likely{_because(said.get('security_words'))}{visible}"
    if "severity" in said:
        text = f"{said['severity']:.2f} of 1; {said['severity_from_text']:.2f} by its words"
        yield "Severity", text + _because(said.get("severity_words"))


def _grouped(group: Mapping[str, Any], issue: Mapping[str, Any]) -> Lines:
    if group:
        yield "Group", f"{group['id']}: {masked_line(group.get('title', ''))}"
        yield "", f"{group.get('reports', 1)} reports by {who(group.get('reporters', 1), group.get('anonymous', 0))}"
        yield "", f"{group['decision']}, similarity {group.get('similarity', 0):.2f}: {group.get('reason', '')}"
        for name, points in (group.get("evidence") or {}).items():
            yield "", f"  {points:+6.2f}  {name}"
        if suggested := group.get("suggested"):
            yield "", f"may belong to {suggested} (similarity {group.get('suggested_similarity', 0):.2f})"
    if issue:
        yield "Known problem", f"{issue['id']}: {issue.get('title', '')}"
        if workaround := issue.get("workaround"):
            yield "", f"what helps meanwhile: {workaround}"


def _linked(links: Any, told: tuple[str | None, ...], written: str) -> Lines:
    if not links:
        yield "Calls", "no match"
    for number, link in enumerate(links):
        what = " ".join(str(link[name]) for name in ("method", "route") if link.get(name))
        at = f" at {link['upstream']}" if link.get("upstream") else ""
        how = f": {link['outcome']} {link.get('code') or ''}".rstrip() if link.get("outcome") else ""
        sure = f"{link['probability']:.0%} likely, by {link['by']}, {link['lag_s']:.0f} s before"
        yield "Calls" if not number else "", f"{link['call']}  {what}{at}{how}"
        yield "", f"{sure}, {link['points']:.2f} points"
        for name, points in (link.get("evidence") or {}).items():
            why = time_reason(told, datetime.fromisoformat(written), link["lag_s"], points) if name == MENTIONED else ""
            yield "", f"  {points:+6.2f}  {name}{why and f': {masked_line(why)}'}"


def _because(words: Any) -> str:
    return f", because of: {', '.join(masked_line(word) for word in words)}" if words else ""
