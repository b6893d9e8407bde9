"""What an incident is called, and whose fault it is."""

from __future__ import annotations

from processors.incidents.complaint import GroupFacts
from processors.incidents.dimensions import spelled
from processors.incidents.record import Proof, Record

WORDS = {
    "errors": "Calls fail",
    "latency": "Slow",
    "outage": "Outage",
    "volume_drop": "Fewer calls than usual",
    "volume_surge": "More calls than usual",
    "rate_limited": "Calls are turned away: rate limit",
    "auth_failures": "Authentication fails",
    "routing_failures": "Calls are not routed",
    "blind_spot": "Telemetry stopped coming",
    "burn_rate": "Error budget burns too fast",
    "forecast": "A limit will be exceeded",
    "worse_than_before": "Worse than before the go-live",
    "capacity": "Capacity used up",
    "error_logs": "Errors are logged",
    "logins": "Suspicious log-ins",
    "data_access": "Unusual data access",
}
MOST = 300


def title_of(record: Record, biggest: GroupFacts | None) -> str:
    """By the finding that shows it best, else by what people say, else by the alert."""
    best = best_finding(record)
    if best is not None and (biggest is None or not best.origin):
        words = WORDS.get(best.finding, best.finding.replace("_", " ").replace("ai ", "AI: ").capitalize())
        return f"{words}: {spelled(best.cause if best.origin else record.cause or best.cause)}"[:MOST]
    if biggest is not None:
        return biggest.title[:MOST]
    return next((proof.what for proof in record.evidence.values()), "Nothing is known of it any more")[:MOST]


def best_finding(record: Record) -> Proof | None:
    """Its own before what came with a part, active before over, sure before unsure, strong before weak."""
    return max(
        record.own("finding") or record.proofs("finding"),
        key=lambda proof: (proof.active, proof.confidence * proof.count, proof.id),
        default=None,
    )
