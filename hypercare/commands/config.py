"""``hypercare config``: what was agreed and set, checked before a stage reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer

from contracts.agreements import DEFAULT, Limits
from hypercare.commands.console import out
from hypercare.settings import FILE, read_settings

app = typer.Typer(help="The configuration, checked.", no_args_is_help=True)


@app.callback()
def config() -> None:
    """The configuration, checked."""


@app.command("check")
def config_check() -> None:
    """Read the environment and `hypercare.toml`, report all mistakes at once, and print what was agreed."""
    projects = read_settings().projects
    out.print(f"The settings can be used; {len(projects)} agreements in {FILE}.")
    for project in projects:
        out.print(f"{project.name}: {_differing(project.limits, DEFAULT)}")
        if project.attributes:
            out.print(f"  attributes that may be part of a cause: {', '.join(project.attributes)}")
        for route in project.routes:
            out.print(f"  route {route.route}: {_differing(project.of_route(route.route), project.limits)}")
        for consumer in project.consumers:
            out.print(f"  consumer {consumer.consumer}: {_named(consumer.limits.model_dump(exclude_none=True))}")


def _differing(limits: Limits, from_: Limits) -> str:
    said = {name: value for name, value in limits.model_dump().items() if value != getattr(from_, name)}
    return ", ".join(f"{name} {value:g}" for name, value in said.items()) or "nothing that differs"


def _named(limits: Mapping[Any, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in limits.items())
