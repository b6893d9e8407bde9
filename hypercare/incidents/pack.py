"""The evidence of an incident as a pack for a third party: what it needs to find and mend it, and nothing else.

A list of what goes in, not of what stays out: a field that is added to the contract later is not in it by itself.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from contracts.audit import AuditEntry
from contracts.incidents import EvidenceItem, Incident, Message, SampleCall
from hypercare.incidents.withhold import Withholding, withholding

FORM = "hypercare-evidence/1"
"""Names what a pack looks like; a reader refuses what it does not know."""
ANYWHERE = "$BASE_URL"
PLAIN = "/{}*-._~"
"""Characters of a route that stay as they are; the shell gets none that means something to it."""

Pack = dict[str, Any]


def pack_of(incident: Incident, history: Iterable[AuditEntry], *, base_url: str = "") -> Pack:
    """Everything that is handed over, ready for JSON; ``history`` are the entries of its audit, in order."""
    withheld = withholding(incident)
    return {
        "form": FORM,
        "incident": withheld.name(incident.incident),
        "told_at": utc(incident.occurred_at),
        "title": withheld.text(incident.title),
        "severity": incident.severity,
        "state": incident.state,
        "cause": withheld.cause(incident.cause),
        "side": incident.blame,
        "onset": utc(incident.onset),
        "noticed_at": utc(incident.noticed),
        "last_seen_at": utc(incident.last_evidence_at),
        "counts": {
            "calls": incident.calls,
            "went_wrong": incident.observed,
            "expected": round(incident.expected, 2),
            "users": incident.users,
            "reports": incident.reports,
        },
        "release": _release(incident, withheld),
        "evidence": [_evidence(item, withheld) for item in incident.evidence],
        "calls": [_call(sample, withheld, base_url) for sample in incident.samples],
        "messages": [_message(message, withheld) for message in incident.messages],
        "workaround": withheld.text(incident.workaround),
        "fix_release": withheld.text(incident.fix_release),
        "verification": _verification(incident, withheld),
        "tried": list(_tried(history)),
    }


def utc(moment: datetime) -> str:
    """UTC, RFC 3339, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def curl(sample: SampleCall, withheld: Withholding, base_url: str = "") -> str | None:
    """The call as a line for a shell, with placeholders instead of ids and without any secret."""
    route = withheld.route(sample.route)
    if route is None:
        return None
    method = withheld.method(sample.method)
    path = quote(route if route.startswith("/") else f"/{route}", safe=PLAIN)
    target = shlex.quote(base_url.rstrip("/") + path) if base_url else f'"{ANYWHERE}"{shlex.quote(path)}'
    return f"curl --globoff --include{f' --request {method}' if method else ''} {target}"


def _release(incident: Incident, withheld: Withholding) -> dict[str, Any] | None:
    found = incident.attribution
    if found is None:
        return None
    return {
        "verdict": found.verdict,
        "release": withheld.text(found.release),
        "at": None if found.at is None else utc(found.at),
        "reason": withheld.text(found.reason),
    }


def _evidence(item: EvidenceItem, withheld: Withholding) -> dict[str, Any]:
    """What shows it; the reason of a person is a note among colleagues and stays here."""
    return {
        "kind": item.kind,
        "role": item.role,
        "what": withheld.text(item.what),
        "reason": withheld.text(item.reason) if item.by == "system" else None,
        "cause": withheld.cause(item.cause),
        "since": utc(item.since),
        "last_seen_at": utc(item.last_at),
        "goes_on": item.active,
        "confidence": item.confidence,
        "count": item.count,
        "people": item.people,
    }


def _call(sample: SampleCall, withheld: Withholding, base_url: str) -> dict[str, Any]:
    return {
        "at": utc(sample.at),
        "method": withheld.method(sample.method),
        "route": withheld.route(sample.route),
        "upstream": withheld.text(sample.upstream),
        "status": sample.status,
        "outcome": sample.outcome,
        "code": withheld.text(sample.code),
        "message": withheld.text(sample.message),
        "took_ms": sample.total_ms,
        "trace_id": withheld.name(sample.trace_id),
        "request_id": withheld.name(sample.request_id),
        "browser": withheld.text(sample.browser),
        "os": withheld.text(sample.os),
        "country": withheld.text(sample.country),
        "release": withheld.text(sample.release),
        "curl": curl(sample, withheld, base_url),
    }


def _message(message: Message, withheld: Withholding) -> dict[str, Any]:
    return {
        "at": utc(message.at),
        "channel": withheld.text(message.channel),
        "language": withheld.text(message.language),
        "text": withheld.text(message.text),
    }


def _verification(incident: Incident, withheld: Withholding) -> dict[str, Any] | None:
    found = incident.verification
    return (
        None
        if found is None
        else {
            "since": utc(found.since),
            "has_to_stay_away_s": found.quiet_s,
            "reason": withheld.text(found.reason),
        }
    )


def _tried(history: Iterable[AuditEntry]) -> Iterator[dict[str, str]]:
    """What changed its state, and when; who did it, and what was said about it, stays here."""
    for entry in history:
        if entry.accepted and "state" in entry.after:
            yield {
                "at": utc(entry.occurred_at),
                "from": _state(entry.before.get("state")),
                "to": _state(entry.after["state"]),
            }


def _state(found: str | None) -> str:
    """A state, if it is a plain word."""
    return found if found is not None and found.isascii() and found.replace("_", "").isalpha() else "?"
