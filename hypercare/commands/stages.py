"""``hypercare restart`` and ``stop``: single stages of a running instance, and its intake."""

from __future__ import annotations

from typing import Annotated

import typer

from hypercare.commands.console import out
from hypercare.engines.console_progress import console_progress
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.stages import STAGES
from hypercare.supervisor import INTAKE

Names = Annotated[list[str], typer.Argument(metavar="STAGE…", help=f"one or more of {', '.join([*STAGES, INTAKE])}")]


def restart(stages: Names) -> None:
    """Restart stages of the running instance or its intake, also ones that stopped for a person."""
    Service(read_settings()).restart(stages, console_progress(out))
    out.print(f"Running: {', '.join(stages)}.")


def stop(stages: Names) -> None:
    """Stop single stages, or the intake, and leave them stopped; what stages read waits in Kafka."""
    Service(read_settings()).stop_stages(stages, console_progress(out))
    out.print(f"Stopped: {', '.join(stages)}. Start again: [bold]hypercare restart {' '.join(stages)}[/]")
