"""How long a step of a time axis is.

The rule of ``auto`` is that of Kibana: the range is divided into about fifty steps and rounded to a length that people
use. Source: elastic/kibana, ``src/platform/plugins/shared/data/common/search/aggs/buckets/lib/time_buckets``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

AT_MOST_STEPS = 50
"""Kibana's ``histogram:barTarget``."""
CALENDAR = {"m": "1m", "h": "1h", "d": "1d", "w": "1w", "M": "1M", "y": "1y"}
ROUNDED = (
    (timedelta(seconds=5), "1s"),
    (timedelta(seconds=7.5), "5s"),
    (timedelta(seconds=15), "10s"),
    (timedelta(seconds=45), "30s"),
    (timedelta(minutes=3), "1m"),
    (timedelta(minutes=9), "5m"),
    (timedelta(minutes=20), "10m"),
    (timedelta(minutes=45), "30m"),
    (timedelta(hours=2), "1h"),
    (timedelta(hours=6), "3h"),
    (timedelta(hours=24), "12h"),
    (timedelta(weeks=1), "1d"),
    (timedelta(weeks=3), "1w"),
    (timedelta(days=365), "1M"),
)
"""A fiftieth of the range that is less than this takes that step."""


def step_of(interval: str, span: timedelta) -> dict[str, Any]:
    """The interval as a histogram of Elasticsearch takes it."""
    chosen = automatic(span) if interval == "auto" else interval
    if chosen[:-1] == "1" and chosen[-1] in CALENDAR:
        return {"calendar_interval": chosen}
    return {"fixed_interval": chosen}


def automatic(span: timedelta) -> str:
    """The step for a range of this length."""
    wanted = span / AT_MOST_STEPS
    return next((step for less_than, step in ROUNDED if wanted < less_than), "1y")
