"""``hypercare roles``: who may do what in an Elasticsearch with security, and keys for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import out
from hypercare.documents_by_id import REFUSED
from hypercare.searching.indices import elasticsearch
from sinks.elasticsearch.roles import PREFIX, Partner, make_key, put_partner, put_roles
from sinks.elasticsearch.roles import roles as all_roles

app = typer.Typer(help="Roles in Elasticsearch: reader, analyst, writer, and partners.", no_args_is_help=True)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
Space = Annotated[str, typer.Option(help="Kibana's space of readers and analysts")]


@contextmanager
def secured() -> Iterator[Any]:
    """A client, with what Elasticsearch refuses told as a person needs it."""
    with elasticsearch() as client:
        try:
            yield client
        except REFUSED as error:
            off = error.status_code in {400, 405, 500} and "_security" in str(error)
            why = "Elasticsearch has security switched off." if off else f"Elasticsearch refuses: {error}"
            fix = (
                "switch it on (xpack.security.enabled), see docs/operating-elasticsearch.md"
                if off
                else "use a user with manage_security, and the name of a role that `hypercare roles show` lists"
            )
            raise Stop(why, fix=fix) from error


@app.command()
def show(*, space: Space = "default") -> None:
    """Print every role as it would be written, as JSON; needs no server."""
    out.print_json(json.dumps(all_roles(space)))


@app.command()
def apply(*, space: Space = "default") -> None:
    """Put reader, analyst and writer in place; again changes nothing. Give them to users or keys afterwards."""
    with secured() as client:
        for name in put_roles(client, space):
            out.print(f"{name} is in place.")
    out.print("A key with one of them: `hypercare roles key reader`. Sinks need `writer` only.")


@app.command()
def partner(
    name: Annotated[str, typer.Argument(help="of the partner: lower-case letters, digits, _ and -")],
    *,
    project: Annotated[str, typer.Option(help="what they may see of: project, or tenant/project")],
    route: Annotated[str, typer.Option(help="only this route, such as /orders/{id}")] = "",
) -> None:
    """Let a partner see calls, failures and latencies by route of one project or one route; no people, no words."""
    if not _NAME.fullmatch(name):
        raise Stop(f"{name!r} cannot name a partner.", fix="use lower-case letters, digits, _ and -", exit_code=2)
    tenant, _, known = project.rpartition("/")
    who = Partner(name, known, tenant or "default", route)
    with secured() as client:
        there = put_partner(client, who)
    if not there:
        raise Stop(f"Nothing is stored of {project}: {', '.join(who.streams)}.", fix="see `hypercare indices ls`")
    out.print(f"Alias {who.alias} shows some of {', '.join(map(escape, there))}; role {who.role} may read it.")
    out.print(f"A key for them: `hypercare roles key partner_{name}`.")


@app.command()
def key(
    role: Annotated[str, typer.Argument(help="reader, analyst, writer, or partner_NAME")],
    *,
    name: Annotated[str, typer.Option(help="of the key, to find and revoke it by; the role's without")] = "",
    days: Annotated[int, typer.Option(min=1, max=3_650, help="how long it holds")] = 90,
) -> None:
    """Make an API key that may do what a role may; it is printed this once."""
    full = role if role.startswith(PREFIX) else PREFIX + role
    with secured() as client:
        out.print(make_key(client, full, name or full, days=days))
