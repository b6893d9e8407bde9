"""Where commands print, and the arguments they share."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer
from rich.console import Console

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints
from hypercare.service import Service

out = Console(highlight=False, soft_wrap=True)
if not out.is_terminal:
    out.width = 120  # a table in a log file or a pipe need not fit an old terminal
err = Console(stderr=True, highlight=False, soft_wrap=True)

Json = Annotated[bool, typer.Option("--json", help="print JSON instead of text")]
Project = Annotated[str, typer.Option(help="project the events belong to")]
Partitions = Annotated[int | None, typer.Option(help="partitions of topics that are created now", min=1)]


def endpoints_of(service: Service) -> Endpoints:
    """Where the engines answer; `Stop` when they do not run."""
    endpoints = service.endpoints()
    if endpoints is None:
        raise Stop("Kafka and Elasticsearch are not running.", fix="start them with `hypercare up`")
    return endpoints


def kafka_of(service: Service) -> str:
    """Where Kafka answers, for what needs nothing else: an Elasticsearch that is down does not matter."""
    settings = service.settings
    if settings.kafka and settings.engines in {"auto", "yours"}:
        return settings.kafka
    return endpoints_of(service).kafka


def moment(text: str) -> datetime | None:
    """Read ``now``, an RFC 3339 time with an offset, or nothing."""
    if not text:
        return None
    if text == "now":
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Stop(
            f"{text!r} is not a time with an offset.",
            fix="write it like 2026-06-15T09:00:00Z; also now, or where a past is asked for 30m, 2h, 3d",
            exit_code=2,
        )
    return found


_AGO = re.compile(r"(\d{1,5})([smhd])", re.ASCII)
_OF_DAY = re.compile(r"\d{1,2}:\d{2}(:\d{2})?", re.ASCII)
PAST = "2h (also 30m, 3d), 10:00 (today, UTC) or 2026-06-15T09:00 (UTC, or with an offset)"
"""How a moment of the past may be written, wherever one is asked for."""
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def until(text: str, now: datetime | None = None) -> datetime | None:
    """Read a moment to come: how long from now (``30m``, ``2h``, ``3d``), or an RFC 3339 time."""
    begin = now or datetime.now(UTC).replace(microsecond=0)
    ahead = _AGO.fullmatch(text)
    found = begin + timedelta(**{_UNIT[ahead[2]]: int(ahead[1])}) if ahead else moment(text)
    if found is not None and found <= begin:
        raise Stop(f"{text!r} is not in the future.", fix="write how long from now, such as 2h or 3d", exit_code=2)
    return found


def since_ms(text: str, now: datetime | None = None) -> int:
    """Read `since` as milliseconds since 1970; 0 for nothing."""
    found = since(text, now)
    return max(1, int(found.timestamp() * 1000)) if found else 0


def since(text: str, now: datetime | None = None) -> datetime | None:
    """Read a moment of the past, or nothing: how long ago (``30m``, ``2h``, ``3d``), ``10:00`` of today, or a time.

    A time without an offset, and today, are UTC, as all times are that we print.
    """
    until_now = now or datetime.now(UTC)
    try:
        if ago := _AGO.fullmatch(text):
            return until_now - timedelta(**{_UNIT[ago[2]]: int(ago[1])})
        if _OF_DAY.fullmatch(text):
            found = datetime.combine(until_now.astimezone(UTC).date(), time.fromisoformat(text.zfill(5)), UTC)
        elif not text or text == "now":
            return moment(text)
        else:
            found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise Stop(f"{text[:80]!r} is not a time of the past.", fix=f"write it like {PAST}", exit_code=2) from None
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    if found > until_now:
        raise Stop(
            f"{text!r} is {found:%Y-%m-%d %H:%M %Z}, which is not over yet.", fix=f"write it like {PAST}", exit_code=2
        )
    return found
