"""Every command that has a page of its own: groups of commands by name, and single ones."""

from __future__ import annotations

from collections.abc import Callable

import typer

from hypercare.commands import (
    audit,
    baseline,
    config,
    dlq,
    evaluate,
    evidence,
    explain,
    feedback,
    feedback_add,
    imports,
    incidents,
    kibana,
    mail,
    metrics,
    ship,
    simulate,
    skip,
    stages,
    status,
    tap,
    topics,
    trace,
    whatif,
)

GROUPS: dict[str, typer.Typer] = {
    "topics": topics.app,
    "import": imports.app,
    "baseline": baseline.app,
    "dlq": dlq.app,
    "evaluate": evaluate.app,
    "config": config.app,
    "feedback": feedback.app,
    "incidents": incidents.app,
    "audit": audit.app,
    "kibana": kibana.app,
    "mail": mail.app,
    "metrics": metrics.app,
}
SINGLE: tuple[Callable[..., None], ...] = (
    status.status,
    tap.tap,
    trace.trace,
    explain.explain,
    whatif.whatif,
    evidence.evidence,
    stages.restart,
    stages.stop,
    skip.skip,
    ship.ship,
    simulate.simulate,
    topics.setup,
)


def add_to(app: typer.Typer) -> None:
    """Put all of them into ``app``."""
    feedback.app.command("add")(feedback_add.add)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    for command in SINGLE:
        app.command()(command)
