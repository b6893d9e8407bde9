"""``hypercare simulate``: calls of an invented system, with faults whose truth is known."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from contracts.calls import GatewayCall
from contracts.errors import Stop
from hypercare.commands.console import endpoints_of, out
from hypercare.engines.console_progress import console_progress
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.publisher import Publisher
from producers.simulate.scenario import SCENARIOS, Scenario, scenario

MOST_CALLS = 50_000_000
EVERY = 5_000
"""Calls between two moves of the bar."""
Send = Callable[[bytes], None]

Name = Annotated[str, typer.Argument(metavar="SCENARIO", help=f"one of {', '.join(SCENARIOS)}")]
Seed = Annotated[int, typer.Option("--seed", help="the same seed makes the same calls")]
Minutes = Annotated[float, typer.Option("--minutes", min=0.2, max=10_080, help="length of the run, in its own time")]
Rate = Annotated[float, typer.Option("--rate", min=0.1, max=20_000, help="calls a second on average of a working day")]
Onset = Annotated[float, typer.Option("--onset", min=0, help="minute at which the fault begins")]
FailureRate = Annotated[float, typer.Option("--failure-rate", min=0, max=1, help="share of its calls that fail")]
Share = Annotated[float, typer.Option("--share", min=0.0001, max=1, help="part of all calls that the fault concerns")]
Cause = Annotated[list[str] | None, typer.Option("--cause", metavar="NAME=VALUE", help="instead of one by the seed")]
To = Annotated[Path | None, typer.Option("--output", help="file for the calls (gzip by name); default: Kafka")]
Truth = Annotated[Path | None, typer.Option("--truth", help="file for what was planted")]
Live = Annotated[bool, typer.Option("--live", help="as it would happen, from now on; otherwise fast, ending now")]
Project = Annotated[str, typer.Option("--project", help="project of the calls")]


def simulate(
    name: Name,
    *,
    seed: Seed = 1,
    minutes: Minutes = 60.0,
    rate: Rate = 100.0,
    onset: Onset = 30.0,
    failure_rate: FailureRate = 0.2,
    share: Share = 0.01,
    cause: Cause = None,
    output: To = None,
    truth: Truth = None,
    live: Live = False,
    project: Project = "simulated",
) -> None:
    """Make the calls of an invented system, and keep what was planted in a separate file."""
    if minutes * 60 * rate > MOST_CALLS:
        raise Stop(f"More than {MOST_CALLS:,} calls.", fix="ask for fewer --minutes or a lower --rate", exit_code=2)
    now = datetime.now(UTC).replace(microsecond=0)
    made = scenario(
        name,
        seed=seed,
        start=now if live else now - timedelta(minutes=minutes),
        duration=timedelta(minutes=minutes),
        rate=rate,
        onset=timedelta(minutes=onset),
        failure_rate=failure_rate,
        share=share,
        cause=dict(_pair(text) for text in cause) if cause else None,
    )
    if truth is not None:
        truth.write_text(json.dumps(made.truth, indent=1) + "\n")
    with _to_file(output) if output else _to_kafka(made, project, live=live) as send:
        count = _send(made, send, live=live)
    out.print(f"{count:,} calls to {output or 'Kafka'}; planted: {json.dumps(made.truth['faults'])}")


def _send(made: Scenario, send: Send, *, live: bool) -> int:
    progress, count = console_progress(out), 0
    progress.begin(f"Simulating {made.name}", total=int(made.duration.total_seconds()), unit="seconds")
    try:
        for at_ms, raw in made.calls():
            if live:
                time.sleep(max(0.0, at_ms / 1000 - time.time()))
            send(raw)
            count += 1
            if count % EVERY == 0:
                progress.advance_to(int(at_ms / 1000 - made.start.timestamp()))
    finally:
        progress.end(f"{count:,} calls")
    return count


@contextmanager
def _to_file(path: Path) -> Iterator[Send]:
    with gzip.open(path, "wb", compresslevel=3) if path.suffix == ".gz" else path.open("wb") as file:
        yield lambda raw: (file.write(raw + b"\n"), None)[1]


@contextmanager
def _to_kafka(made: Scenario, project: str, *, live: bool) -> Iterator[Send]:
    service = Service(read_settings())
    source = f"urn:hypercare:simulate:{made.name}:{made.seed}:{made.start:%Y%m%dT%H%M%S}"
    prefix = service.settings.topic_prefix
    with Publisher(endpoints_of(service).kafka, source=source, topic_prefix=prefix) as publisher:

        def send(raw: bytes) -> None:
            call = GatewayCall.model_validate_json(raw)
            publisher.publish(GatewayCall.trusted({**call.__dict__, "project": project}), backfill=not live)

        yield send


def _pair(text: str) -> tuple[str, str]:
    attribute, equals, value = text.partition("=")
    if not equals or not attribute or not value:
        raise Stop(f"{text!r} is no ATTRIBUTE=VALUE.", fix="for example --cause country=FR", exit_code=2)
    return attribute, value
