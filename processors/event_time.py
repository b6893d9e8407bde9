"""Event time against Kafka's own: far away is clamped and noted, never trusted and never refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MAX_AGE = timedelta(days=7)
"""Older than any queue in front of us should hold an event."""
MAX_AHEAD = timedelta(minutes=10)
"""More than clocks drift, less than a time zone taken wrongly."""
CLAMPED = "occurred_at_clamped"
PLAUSIBLE_MS = (946_684_800_000, 7_258_118_400_000)
"""The years 2000 to 2199, in milliseconds since 1970."""


def clamp(occurred_at: datetime, kafka_ms: int, *, backfill: bool) -> tuple[datetime, bool]:
    """Return the event time to use, in UTC, and whether it was replaced by Kafka's.

    With ``backfill`` the producer has said that old times are meant, so only the future is clamped. A record may
    carry no time of Kafka's, or an absurd one that its producer chose: then there is nothing to hold against.
    """
    found = occurred_at.astimezone(UTC)
    if not PLAUSIBLE_MS[0] <= kafka_ms <= PLAUSIBLE_MS[1]:
        return found, False
    kafka = datetime.fromtimestamp(kafka_ms / 1000, UTC)
    if found - kafka > MAX_AHEAD or (not backfill and kafka - found > MAX_AGE):
        return kafka, True
    return found, False
