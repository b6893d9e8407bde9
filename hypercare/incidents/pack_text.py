"""A pack of evidence as Markdown that a person reads; whatever text is in it stays text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import Any

from hypercare.incidents.pack import ANYWHERE, Pack

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~])")
CALL_COLUMNS = {
    "at": "time (UTC)",
    "method": "method",
    "route": "route",
    "upstream": "upstream",
    "status": "status",
    "outcome": "ended",
    "took_ms": "took, ms",
    "trace_id": "trace id",
    "request_id": "request id",
}


def markdown(pack: Pack) -> str:
    """The whole pack as a page."""
    return "\n".join(_lines(pack)) + "\n"


def _lines(pack: Pack) -> Iterator[str]:
    counts = pack["counts"]
    yield f"# {_text(pack['title'])}"
    yield ""
    yield f"Incident {_text(pack['incident'])}, severity {pack['severity']}, state {_text(pack['state'])}, as known at"
    yield f"{pack['told_at']}. All times are UTC. Secrets, personal data and internal names were taken out."
    yield from _section("What is wrong")
    yield f"- Where: {_text(' + '.join(pack['cause']) or 'no calls are known to be concerned')}"
    yield f"- On whose side: {_text(pack['side'])}"
    if counts["calls"]:
        yield f"- {counts['went_wrong']:,} of {counts['calls']:,} calls went wrong, {counts['expected']:,} were usual"
    users = (
        f"{counts['users']:,} users affected" if counts["users"] else "users affected: not known, the calls name none"
    )
    yield f"- {users}, {counts['reports']:,} reports"
    yield f"- Since {pack['onset']}, noticed {pack['noticed_at']}, last seen {pack['last_seen_at']}"
    if release := pack["release"]:
        named = f" {_text(release['release'])}" if release["release"] else ""
        at = f" at {release['at']}" if release["at"] else ""
        yield f"- Release: {release['verdict']}{named}{at}: {_text(release['reason'])}"
    yield from _evidence(pack["evidence"])
    yield from _calls(pack["calls"])
    yield from _messages(pack["messages"])
    yield from _tried(pack)


def _evidence(evidence: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield from _section("What shows it")
    for item in evidence:
        over = "" if item["goes_on"] else ", over"
        symptom = ", follows from the cause" if item["role"] == "symptom" else ""
        yield f"- {item['kind']}{symptom}{over}, {item['since']} to {item['last_seen_at']}: {_text(item['what'])}"
        if item["reason"]:
            yield f"  - belongs here because: {_text(item['reason'])}"


def _calls(calls: list[dict[str, Any]]) -> Iterator[str]:
    if not calls:
        return
    yield from _section("Sample calls")
    yield "| " + " | ".join(CALL_COLUMNS.values()) + " |"
    yield "|" + "---|" * len(CALL_COLUMNS)
    for call in calls:
        yield "| " + " | ".join(_text(call[name]) for name in CALL_COLUMNS) + " |"
    for call in calls:
        if call["message"] or call["code"]:
            yield ""
            yield f"Answered at {call['at']}: {_text(call['code'])} {_text(call['message'])}"
    lines = dict.fromkeys(call["curl"] for call in calls if call["curl"])
    if lines:
        yield ""
        yield f"To try it: put values for what stands in braces, what the call needs to be allowed, and {ANYWHERE}."
        yield ""
        yield from (f"    {line}" for line in lines)


def _messages(messages: list[dict[str, Any]]) -> Iterator[str]:
    if not messages:
        return
    yield from _section("What users write")
    for message in messages:
        yield f"> {_text(message['text'])}"
        yield ">"
        yield f"> {_text(message['channel'])}, {message['at']}"
        yield ""


def _tried(pack: Pack) -> Iterator[str]:
    yield from _section("What was tried")
    nothing = True
    for title, text in (("What helps meanwhile", pack["workaround"]), ("Fix, release", pack["fix_release"])):
        if text:
            nothing = False
            yield f"- {title}: {_text(text)}"
    if found := pack["verification"]:
        nothing = False
        yield (
            f"- Watched since {found['since']}: it has to stay away for {found['has_to_stay_away_s'] / 60:.0f} min, "
            f"{_text(found['reason'])}"
        )
    for change in pack["tried"]:
        nothing = False
        yield f"- {change['at']}: {_text(change['from'])} → {_text(change['to'])}"
    if nothing:
        yield "Nothing yet."


def _section(title: str) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield ""


def _text(value: object) -> str:
    """A value as text that no Markdown reader takes for a mark, a tag or a link."""
    if value is None:
        return ""
    return _MARKS.sub(r"\\\1", html.escape(str(value), quote=False)).replace("://", "&#58;//")
