"""Calls that come too late to be judged, and what to do about them, said the same way wherever it is said.

The health stage judges windows of ten seconds. One closes when it is over and `LATENESS_MS` have passed; what comes
after that still corrects the charts, and can be searched and counted, but no detector looks at the window again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.cloudevents import rfc3339
from contracts.windows import WINDOW_S
from processors.event_time import MAX_AGE
from processors.health.ledger import LATENESS_MS

JUDGED_FOR_S = WINDOW_S + LATENESS_MS / 1000
"""A call this old, in seconds, may find its window closed: it began the window, which then waited for the late."""
MOST_LATE = 0.5
"""From this share of late calls on, finding nothing says nothing: most of what happened was not looked at."""
TO_SECONDS = len("2026-06-15T09:00:00")
"""So many characters of a written time are whole seconds, which compare as text."""
WHAT_TO_DO = (
    "to have a finished log judged: `hypercare import calls FILE --project OTHER --replay-at now`, into a project of "
    "its own because it adds the calls again; as how it was before the go-live: `hypercare baseline import FILE`"
)


def late_before(now_s: float) -> tuple[bytes, bytes]:
    """Written times before which a call is late, and before which the telemetry stage does not believe its time."""
    now = datetime.fromtimestamp(now_s, UTC)
    late, old = now - timedelta(seconds=JUDGED_FOR_S), now - MAX_AGE
    return rfc3339(late).encode()[:TO_SECONDS], rfc3339(old).encode()[:TO_SECONDS]


def shipped_late(late: int, old: int, calls: int) -> list[str]:
    """What a shipper says of calls that were late, and how many of them so old that their time is not believed."""
    if not late:
        return []
    said = [
        f"{late:,} of {calls:,} calls happened more than {JUDGED_FOR_S:.0f} s before they were shipped.",
        "They are stored, searched and counted, but may come too late to be judged: no finding is no all-clear.",
    ]
    if old:
        said.append(
            f"{old:,} of them are older than {MAX_AGE.days} days: their time is not believed, and they count as now."
        )
    return [*said, f"→ {WHAT_TO_DO}"]


def nothing_found(late: int, calls: int) -> str:
    """What may be said when there is no finding and ``late`` of ``calls`` came too late to be judged."""
    if not late:
        return "Nothing was found to be out of the ordinary."
    came = f"{late:,} of {calls:,} calls came more than {JUDGED_FOR_S:.0f} s after they happened, and may not be judged"
    if late >= calls * MOST_LATE:
        return f"No finding, but that says nothing: {came}.\n→ {WHAT_TO_DO}"
    return f"Nothing was found to be out of the ordinary in what came in time; {came}."


def late_sums(sums: int) -> str:
    """What `status` says of sums that came after their windows had closed; nothing when there were none."""
    if not sums:
        return ""
    return f"{sums:,} sums of calls came too late to be judged since it started; {WHAT_TO_DO}"
