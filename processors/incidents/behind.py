"""What the calls behind complaints show, where nothing was found by telemetry: words and samples, never a cause."""

from __future__ import annotations

from collections import Counter
from typing import Any

from processors.incidents.calls import Call, Calls, sample_of
from processors.incidents.complaint import Complaint
from processors.incidents.complaints import Complaints
from processors.incidents.record import Record

MOST_NAMED, MOST_SAMPLES = 3, 5


def behind(record: Record, complaints: Complaints, calls: Calls) -> tuple[str, list[dict[str, Any]]]:
    """How many of its reports are linked to calls that went wrong, and to which; nothing where a finding tells more.

    ``9 of its 10 reports are linked to calls that went wrong: GET /api/checkout 502 (9)``. Calls that are remembered no
    more are told as far as the link knew them.
    """
    if record.proofs("finding") or record.proofs("alert") or record.merged_into:
        return "", []
    linked = [one for one in complaints.attached(record.incident) if one.call and (one.failed or one.slow)]
    if not linked:
        return "", []
    known = {one.call: calls.get(record.project, one.call) for one in linked if one.call}
    counted = Counter(_spelled(one, known.get(one.call or "")) for one in linked)
    most = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    named = ", ".join(f"{what} ({count:,})" for what, count in most[:MOST_NAMED])
    more = f" and {len(most) - MOST_NAMED:,} others" if len(most) > MOST_NAMED else ""
    samples = [sample_of(call) for call in known.values() if call is not None]
    latest = sorted(samples, key=lambda sample: (-sample["at"], sample["call"]))[:MOST_SAMPLES]
    return (
        f"{len(linked):,} of its {record.reports:,} reports are linked to calls that went wrong: {named}{more}",
        latest,
    )


def _spelled(complaint: Complaint, call: Call | None) -> str:
    dims = complaint.known if call is None else call.dims
    ended = "slow" if complaint.slow else "failed"
    if call is not None and call.failed and call.status:
        ended = str(call.status)
    return " ".join(part for part in (dims.get("method"), dims.get("route") or "a call", ended) if part)
