"""Every command that has a page of its own: groups of commands by name, and single ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

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
    rebuild,
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
from hypercare.intake import keys, serve
from hypercare.searching import forget, indices, roles, search

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
    "indices": indices.app,
    "roles": roles.app,
    "intake": serve.app,
    "keys": keys.app,
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
    rebuild.rebuild,
    ship.ship,
    simulate.simulate,
    topics.setup,
    search.search,
    forget.forget,
)


PANELS = {
    "Run it": "demo up status down doctor init setup config",
    "What to fix next": "incidents explain evidence whatif search summary feedback",
    "Send events": "import ship mail metrics intake keys simulate baseline",
    "Look closer": "trace tap dlq audit evaluate",
    "Keep it going": "restart stop skip rebuild topics indices kibana roles forget",
}
"""Commands as `hypercare --help` shows them, by what they are for; a test holds that none is missing."""


def add_to(app: typer.Typer) -> None:
    """Put all of them into ``app``."""
    feedback.app.command("add")(feedback_add.add)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    for command in SINGLE:
        app.command()(command)


class Arranged(TyperGroup):
    """Shows the commands in their panels, in the order in which these name them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the panels."""
        place = {name: panel for panel, names in PANELS.items() for name in names.split()}
        for name, command in self.commands.items():
            command.rich_help_panel = place.get(name)  # type: ignore[attr-defined]
        order = list(place)
        return sorted(super().list_commands(ctx), key=lambda name: order.index(name) if name in order else len(order))
