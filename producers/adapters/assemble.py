"""Put a call together from what an adapter read, and keep what it did not read as attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from contracts.calls import GatewayCall
from producers.adapters.adapter import Place, line_id, validated_call
from producers.adapters.attributes import Scalar, bounded, masked
from producers.adapters.loose_values import LINE_CHARS

CUT = "cut"
UNREADABLE = "unreadable"
"""Attributes that name fields which were shortened, and fields which were there and could not be understood."""
_NOTE_CHARS = 500


def assemble(
    line: bytes,
    place: Place,
    moment: datetime,
    said: Mapping[str, object],
    *,
    left: Iterable[tuple[str, object]] = (),
    cut: Sequence[str] = (),
    unreadable: Sequence[str] = (),
    notes: Mapping[str, Scalar] | None = None,
) -> GatewayCall:
    """Build the call; raise `Rejected` naming the field that does not fit."""
    added = dict(notes) if notes else {}
    if cut:
        added[CUT] = ",".join(cut)
    if unreadable:
        added[UNREADABLE] = ",".join(unreadable)[:_NOTE_CHARS]
    attributes = {**bounded(left, room=len(added)), **added}
    fields = {"id": line_id(line, place, moment), "occurred_at": moment, **said, "attributes": attributes}
    return validated_call(fields, place)


def latency_part(total: float | None, upstream: float | None, gateway: float | None = None) -> dict[str, float | None]:
    """Milliseconds; the gateway's own are what the upstream did not take, unless the gateway says them."""
    if gateway is None and total is not None and upstream is not None and total >= upstream:
        gateway = round(total - upstream, 3)
    return {"total_ms": total, "upstream_ms": upstream, "gateway_ms": gateway}


def error_part(component: str, code: str | None, *messages: str | None) -> dict[str, str | None] | None:
    """What the gateway said went wrong; None when it said nothing."""
    message = masked("; ".join([text for text in messages if text]))[:LINE_CHARS] or None
    if code is None and message is None:
        return None
    return {"component": component, "code": code, "message": message}
