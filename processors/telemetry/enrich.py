"""One raw call → one understood call, by an ordered list of small rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.calls import Client, EnrichedCall, GatewayCall, Request, UserAgent
from contracts.last_look import last_look, look_at_attributes, may_hold_address
from contracts.personal_data import mask_line, truncate_address
from contracts.pseudonyms import pseudonym
from contracts.quick import changed, fields_of, quick
from contracts.secrets import mask_path, mask_query, may_hold_token
from processors.telemetry.client import mask_user_agent, understand_user_agent
from processors.telemetry.learned_routes import LearnedRoutes
from processors.telemetry.outcome import NO_ROUTE, found_no_route, judge
from processors.telemetry.route import split_path, template

Changes = dict[str, Any]
"""Fields of the enriched call that a rule sets."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What the rules may look up: learned routes and the key of the pseudonyms."""

    pseudonym_key: bytes
    routes: LearnedRoutes = field(default_factory=LearnedRoutes)


Rule = Callable[[GatewayCall, Knowledge, Changes, list[str]], None]
"""A rule reads the raw call, adds to the changes, and notes what it changed or could not tell."""


def describe_request(call: GatewayCall, know: Knowledge, changes: Changes, notes: list[str]) -> None:
    """Mask secrets in path and query, and name the route."""
    request = call.request
    update: Changes = {}
    masked = 0
    if request.path:
        path, masked = mask_path(request.path)
        if masked:
            update["path"] = path
        if not request.route:
            segments = template(split_path(path))
            update["route"] = know.routes.generalise(f"{call.tenant}/{call.project}", segments)
    if request.host and "@" in request.host:
        update["host"] = request.host.rpartition("@")[2]
        masked += 1
    if request.query:
        update["query"], found = mask_query(request.query)
        masked += found
    if masked:
        notes.append("secret_masked")
    if update:
        changes["request"] = changed(request, **update)


def describe_client(call: GatewayCall, _: Knowledge, changes: Changes, notes: list[str]) -> None:
    """Understand the user agent and cut the address to its network."""
    client = call.client
    agent, masked = None, 0
    if client.user_agent:
        changes["user_agent"] = understand_user_agent(client.user_agent)
        agent, masked = mask_user_agent(client.user_agent)
    address = truncate_address(client.ip) if client.ip else None
    if client.ip and address is None:
        notes.append("client_ip_unreadable")
    if masked:
        notes.append("secret_masked")
    changes["client"] = changed(client, ip=address, user_agent=agent)


def name_outcome(call: GatewayCall, _: Knowledge, changes: Changes, notes: list[str]) -> None:
    """Say how the call ended and whose failure it was."""
    changes["outcome"], changes["blame"] = judge(call)
    if changes["blame"] == "unknown":
        notes.append("blame_unknown")
    if found_no_route(call):
        notes.append(NO_ROUTE)


def hide_people(call: GatewayCall, know: Knowledge, changes: Changes, _: list[str]) -> None:
    """Replace user and session by keyed pseudonyms."""
    if call.user:
        changes["user"] = pseudonym(call.user, know.pseudonym_key)
    if call.session:
        changes["session"] = pseudonym(call.session, know.pseudonym_key)


def mask_texts(call: GatewayCall, _: Knowledge, changes: Changes, notes: list[str]) -> None:
    """Mask secrets and personal data in the error message and the attributes."""
    total = 0
    if call.error and call.error.message:
        message, total = mask_line(call.error.message)
        changes["error"] = changed(call.error, message=message)
    if call.attributes:
        changes["attributes"], found = look_at_attributes(call.attributes)
        total += found
    if total:
        notes.append("secret_masked")


RULES: tuple[Rule, ...] = (describe_request, describe_client, name_outcome, hide_people, mask_texts)
FALLBACKS: dict[str, Changes] = {
    "describe_request": {"request": quick(Request)()},
    "describe_client": {"client": quick(Client)(), "user_agent": quick(UserAgent)()},
    "name_outcome": {"outcome": "ok", "blame": "unknown"},
    "hide_people": {"user": None, "session": None},
    "mask_texts": {"error": None, "attributes": {}},
}
"""What stands where a rule failed: nothing unmasked may slip through because its rule broke."""

_enriched: Callable[..., EnrichedCall] = quick(EnrichedCall)


def names_are_suspicious(call: GatewayCall, origin: str | None) -> bool:
    """Whether a field that no rule masks could hold a token or an address; on the hot path, hence by name.

    Ids may come from a header, so this looks for addresses, too, although the raw value was looked at.
    """
    request, upstream = call.request, call.upstream
    named = (
        f"{call.id} {request.id} {request.host} {request.route} {request.scheme} {call.consumer} {call.caller} "
        f"{call.release} {call.auth} {call.ai} {call.error} {call.trace.trace_id} {call.client.geo} "
        f"{call.gateway.instance} {call.gateway.product} {upstream.service} {upstream.address} {origin}"
    )
    return may_hold_token(named) or may_hold_address(named.encode())


def enrich(
    call: GatewayCall,
    know: Knowledge,
    *,
    origin: str | None = None,
    noted: Sequence[str] = (),
    suspicious: bool = True,
) -> EnrichedCall:
    """Apply every rule to a struct of a call; one that raises is noted as ``degraded:<rule>``, the others still count.

    ``noted`` is what was found out about the call before. Unless it is known that nothing is ``suspicious`` in the
    raw call, every field that no rule has masked is looked at; if that fails, the error ends the process.
    """
    changes: Changes = {"origin": origin}
    notes = list(noted)
    for rule in RULES:
        try:
            rule(call, know, changes, notes)
        except Exception:  # noqa: BLE001 - a broken rule degrades, see docs/decisions/0004-rules-degrade.md
            changes.update(FALLBACKS[rule.__name__])
            notes.append(f"degraded:{rule.__name__}")
    fields: Changes = {**fields_of(call), **changes}
    if suspicious:
        fields, found = last_look(fields, know.pseudonym_key)
        if found:
            notes.append("secret_masked")
    fields["notes"] = tuple(dict.fromkeys(notes))
    return _enriched(**fields)
