"""``hypercare status``: what runs, and what to do next."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from hypercare.commands.console import Json, out
from hypercare.intake.beside import told
from hypercare.masked import masked_line
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.stage_health import StageLine
from hypercare.status import Status, look

EVERY_S = 2.0


def status(
    *,
    watch: Annotated[bool, typer.Option("--watch", help="again every two seconds, until Ctrl-C")] = False,
    as_json: Json = False,
) -> None:
    """Engines, stages and the intake: state, rate, lag, dead letters, what stalls, and what to do next."""
    service = Service(read_settings())
    seen = look(service)
    _show(seen, as_json=as_json, clear=watch)
    try:
        while watch:
            time.sleep(EVERY_S)
            seen = look(service)
            _show(seen, as_json=as_json, clear=True)
    except KeyboardInterrupt:
        raise typer.Exit(0 if seen.fine else 1) from None
    if not seen.fine:
        raise typer.Exit(1)


def _show(seen: Status, *, as_json: bool, clear: bool) -> None:
    if as_json:
        out.print_json(json.dumps(asdict(seen)), indent=None if clear else 2)
        return
    if clear:
        out.clear()
    for engine in seen.engines:
        out.print(f"{engine.engine:<18} {engine.health:<12} {engine.endpoint}  {escape(engine.detail)}")
    for stage in seen.stages:
        _print_stage(stage)
    for line in told(seen.intake):
        out.print(escape(line))
    if seen.dead_letters is not None:
        out.print(f"dead letters       {seen.dead_letters:,}")
    out.print(f"→ {escape(masked_line(seen.next))}")


def _print_stage(stage: StageLine) -> None:
    lag = "-" if stage.lag is None else f"{stage.lag:,}"
    rate = "-" if stage.rate_per_s is None else f"{stage.rate_per_s:,}/s"
    flight = "-" if stage.in_flight is None else str(stage.in_flight)
    state = "stalled" if stage.stalled else stage.state
    out.print(
        f"{stage.stage:<18} {state:<14} lag {lag:<9} {rate:<10} in flight {flight:<3} restarts {stage.restarts}"
        f"  {escape(masked_line(stage.note))}".rstrip()
    )
    if stage.oldest is not None:
        at = f"{stage.oldest.topic}/{stage.oldest.partition}/{stage.oldest.offset}"
        out.print(f"    oldest that waits: {escape(at)}, {stage.oldest.age_s:,.0f} s old")
    if stage.dead_letters:
        counts = ", ".join(f"{reason} {n:,}" for reason, n in sorted(stage.dead_letters.items(), key=lambda p: -p[1]))
        out.print(f"    dead letters since it started: {escape(counts)}")
    if stage.next:
        out.print(f"    → {escape(masked_line(stage.next))}")
