"""``hypercare metrics``: what exporters and OpenTelemetry measure, as signals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from contracts.dead_letters import DeadLetter
from contracts.signals import Signal
from hypercare.commands.console import Project, err, kafka_of, out
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.adapters.adapter import Place
from producers.files import open_lines, source_name
from producers.metrics.otlp_lines import read_lines
from producers.metrics.scrape import Answer, Watched, ask, signals_of, target_of
from producers.publisher import Publisher

app = typer.Typer(help="Metrics as signals: is it up, and how full is it.", no_args_is_help=True)
AT_A_TIME = 8
SOURCE = "urn:hypercare:metrics"

Tenant = Annotated[str, typer.Option(help="tenant of the project")]
Environment = Annotated[str, typer.Option(help="environment that is measured")]


@app.command()
def scrape(
    addresses: Annotated[
        list[str],
        typer.Argument(help="pages in the Prometheus text format: http://HOST:9100/metrics, SERVICE=http://…"),
    ],
    *,
    every: Annotated[float, typer.Option(help="seconds between two looks", min=1, max=3600)] = 30.0,
    timeout: Annotated[float, typer.Option(help="seconds that a page may take", min=0.1, max=60)] = 10.0,
    once: Annotated[bool, typer.Option("--once", help="look once, print what it tells, then stop")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print what it tells, send nothing, then stop")] = False,
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
) -> None:
    """Ask pages of metrics again and again: up or not, CPU, memory, disk, network and pools as used parts."""
    watched = [Watched(target_of(address)) for address in addresses]
    place = Place("metrics", 0, tenant, project, environment)
    if dry_run:
        _show(_looked(watched, place, timeout))
        return
    service, down = Service(read_settings()), set[str]()
    with (
        suppress(KeyboardInterrupt),
        Publisher(kafka_of(service), source=SOURCE, topic_prefix=service.settings.topic_prefix) as publisher,
    ):
        while True:
            begun = time.monotonic()
            signals = _looked(watched, place, timeout)
            for signal in signals:
                publisher.publish(signal)
            publisher.flush()
            if once:
                _show(signals)
                return
            _say_changes(signals, down)
            time.sleep(max(0.0, every - (time.monotonic() - begun)))


@app.command("import")
def import_metrics(
    files: Annotated[list[str], typer.Argument(help="OTLP/JSON metrics, one export request a line; - is the input")],
    *,
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
) -> None:
    """Read metrics that an OpenTelemetry collector wrote to a file."""
    service, sent, refused = Service(read_settings()), 0, 0
    with Publisher(kafka_of(service), source=SOURCE, topic_prefix=service.settings.topic_prefix) as publisher:
        for file in files:
            place = Place(source_name(file), 0, tenant, project, environment)
            with open_lines(file) as lines:
                for found in read_lines(lines, place, datetime.now(UTC)):
                    if isinstance(found, DeadLetter):
                        publisher.publish_dead_letter(found)
                        refused += 1
                    else:
                        publisher.publish(found)
                        sent += 1
    out.print(f"{sent:,} signals sent, {refused:,} lines are dead letters.")


def _looked(watched: Sequence[Watched], place: Place, timeout_s: float) -> list[Signal]:
    def asked(one: Watched) -> tuple[Answer, datetime]:
        return ask(one.target, timeout_s), datetime.now(UTC)

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        answers = list(pool.map(asked, watched))
    return [
        signal
        for one, (answer, at) in zip(watched, answers, strict=True)
        for signal in signals_of(one, answer, place, at)
    ]


def _say_changes(signals: Sequence[Signal], down: set[str]) -> None:
    """Only what went down or came back: normal operation is quiet."""
    for signal in signals:
        if signal.uptime is None or signal.uptime.up == (signal.uptime.monitor not in down):
            continue
        (down.discard if signal.uptime.up else down.add)(signal.uptime.monitor)
        err.print(escape(f"{signal.uptime.monitor} {_state(signal)}"))


def _show(signals: Sequence[Signal]) -> None:
    for signal in signals:
        if signal.uptime is not None:
            out.print(f"{escape(signal.uptime.monitor)}: {escape(_state(signal))}")
        elif signal.resources is not None:
            used = ", ".join(f"{name} {part:.1%}" for name, part in signal.resources.used.items())
            out.print(f"{escape(signal.resources.instance or '')}: {escape(used)}")


def _state(signal: Signal) -> str:
    said = signal.uptime
    if said is None or said.up:
        took = "" if said is None or said.latency_ms is None else f", {said.latency_ms:.0f} ms"
        return f"is up{took}"
    return f"is down: {said.reason or 'it says so'}"
