"""``hypercare kibana``: put dashboards into a Kibana, see what that would change, or write the file it imports."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import Json, endpoints_of, out
from hypercare.service import Service
from hypercare.settings import Settings, read_settings, with_docker_password
from sinks.kibana.ask import search_with
from sinks.kibana.catalogue import DASHBOARDS, SETTINGS, first_settings, saved_objects
from sinks.kibana.client import READY_WITHIN_S, Kibana, KibanaAccess
from sinks.kibana.compare import Change, compare
from sinks.kibana.prefixed import prefixed
from sinks.kibana.preview.filled import fill
from sinks.kibana.preview.page import file_of, page
from sinks.kibana.requests import Period
from sinks.kibana.rules import ALERTS, RULES, connector, connector_id
from sinks.kibana.sampled import as_sampled
from sinks.kibana.saved_objects import Object, ndjson
from sinks.kibana.views import PREFIX

app = typer.Typer(help="Dashboards, searches and data views in Kibana.", no_args_is_help=True)
HERE = {"127.0.0.1", "localhost", "[::1]"}
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")

Url = Annotated[str, typer.Option(envvar="HYPERCARE_KIBANA", help="where Kibana answers, with its base path")]
Space = Annotated[str, typer.Option(envvar="HYPERCARE_KIBANA_SPACE", help="id of the space; the default one without")]
Key = Annotated[
    str, typer.Option(envvar="HYPERCARE_KIBANA_API_KEY", help="API key, base64 of id:key", show_default=False)
]
User = Annotated[str, typer.Option(envvar="HYPERCARE_KIBANA_USER", help="user, where no API key is used")]
Password = Annotated[
    str, typer.Option(envvar="HYPERCARE_KIBANA_PASSWORD", help="that user's password", show_default=False)
]
Prefixed = Annotated[str, typer.Option("--prefix", help="before every id, to keep two of them in one space")]
Within = Annotated[float, typer.Option("--within", min=0, help="seconds to wait until Kibana is ready")]
DEFAULT_URL = "http://127.0.0.1:5601"
LENGTHS = {"m": "minutes", "d": "days"}
NOTE = "Drawn from the same panels and the same searches as in Kibana; filters and clicks are there only."


@app.command()
def apply(
    *,
    url: Url = DEFAULT_URL,
    space: Space = "",
    api_key: Key = "",
    user: User = "",
    password: Password = "",
    prefix: Prefixed = "",
    within: Within = READY_WITHIN_S,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would change, as `diff` does")] = False,
    settings: Annotated[
        bool,
        typer.Option(help="let filters pass over panels that lack the field; with --space also: open on the overview"),
    ] = True,
) -> None:
    """Put everything in place; what somebody changed in one of our objects is overwritten, and named."""
    kibana, ours = _ready(KibanaAccess(url, space, api_key, user, password), within), _objects(prefix)
    changes = compare(ours, kibana.objects(), _prefix(prefix) + PREFIX)
    _tell(changes)
    if dry_run:
        return
    if any(change.state in {"new", "changed"} for change in changes):
        out.print(f"{kibana.take(ndjson(ours))} objects are in place.")
    if settings:
        _set(kibana, first_settings(_prefix(prefix)) if space else {})


@app.command()
def diff(
    *,
    url: Url = DEFAULT_URL,
    space: Space = "",
    api_key: Key = "",
    user: User = "",
    password: Password = "",
    prefix: Prefixed = "",
    within: Within = READY_WITHIN_S,
    as_json: Json = False,
) -> None:
    """Say what `apply` would change; exit with 1 if anything."""
    kibana = _ready(KibanaAccess(url, space, api_key, user, password), within)
    changes = compare(_objects(prefix), kibana.objects(), _prefix(prefix) + PREFIX)
    if as_json:
        told = [{"type": c.kind, "id": c.id, "title": c.title, "state": c.state, "what": c.what} for c in changes]
        out.print_json(json.dumps(told))
    else:
        _tell(changes)
    raise typer.Exit(int(any(change.state in {"new", "changed"} for change in changes)))


@app.command()
def rules(
    *,
    url: Url = DEFAULT_URL,
    space: Space = "",
    api_key: Key = "",
    user: User = "",
    password: Password = "",
    within: Within = READY_WITHIN_S,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only list them; needs no Kibana")] = False,
) -> None:
    """Put alert rules in place; what they find is in the data view of alerts. One that was switched off stays off."""
    if dry_run:
        for rule in RULES:
            size, unit = rule.window
            out.print(f"{rule.name}: {rule.says} [dim]{escape(rule.index)}, of the last {size} {LENGTHS[unit]}[/]")
        return
    kibana = _ready(KibanaAccess(url, space, api_key, user, password), within)
    updated = {name: said for name, said in connector().items() if name != "connector_type_id"}
    kibana.keep(f"/api/actions/connector/{connector_id(space)}", connector(), updated)
    for rule in (replace(rule, space=space) for rule in RULES):
        out.print(f"{kibana.keep(f'/api/alerting/rule/{rule.id}', rule.created(), rule.updated()):<8} {rule.name}")
    out.print(f"{len(RULES)} rules write to {ALERTS}.")


@app.command()
def export(
    *,
    prefix: Prefixed = "",
    output: Annotated[Path | None, typer.Option(help="file to write; its name has to end in .ndjson")] = None,
) -> None:
    """Write the file that Kibana imports: Stack Management, Saved Objects, Import."""
    file = ndjson(_objects(prefix))
    if output is None:
        out.file.write(file.decode())
        return
    if output.suffix != ".ndjson":
        raise Stop(f"Kibana takes no file called {output.name}.", fix="let its name end in .ndjson", exit_code=2)
    output.write_bytes(file)
    out.print(f"Written: {escape(str(output))}, {len(file.splitlines())} objects.")


@app.command()
def preview(
    *,
    output: Annotated[Path, typer.Option(help="folder for the pages")] = Path("dashboards"),
    project: Annotated[str, typer.Option(help="only this project; dead letters belong to none")] = "",
    hours: Annotated[float | None, typer.Option(min=0.1, max=8_760, help="looking back; as each opens without")] = None,
) -> None:
    """Draw the dashboards as plain pages, without a Kibana, from what Elasticsearch holds now."""
    service = Service(read_settings())
    client = service.settings.access(endpoints_of(service).elasticsearch).client()
    output.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    try:
        for dashboard in (as_sampled(one, service.settings.sampling()) for one in DASHBOARDS):
            period = Period(now - (timedelta(hours=hours) if hours else dashboard.span), now)
            filled = fill(search_with(client), dashboard, period, project)
            (output / file_of(dashboard.id)).write_text(page(dashboard, filled, period, NOTE), encoding="utf-8")
    finally:
        client.close()
    out.print(f"Written: {escape(str(output))}, {len(DASHBOARDS)} pages.")


def _set(kibana: Kibana, first: dict[str, str]) -> None:
    """What panels need, and what a space of our own begins with where nobody has chosen otherwise."""
    chosen = kibana.settings() if first else {}
    free = {} if chosen is None else {name: value for name, value in first.items() if name not in chosen}
    wanted: dict[str, Any] = {**SETTINGS, **free}
    why = kibana.set(wanted)
    if why:
        by_hand = ", ".join(f"{name}: {value}" for name, value in wanted.items())
        out.print(
            f"Settings could not be changed: {escape(why)}\nBy hand: Stack Management, Advanced Settings, {by_hand}."
        )


def _ready(said: KibanaAccess, within_s: float) -> Kibana:
    access = _with_known(read_settings(), said)
    kibana = Kibana(access)
    version = kibana.wait(within_s=within_s, say=lambda why: out.print(escape(why)))
    where = f"{access.address}{f', space {access.space}' if access.space else ''}"
    out.print(f"Kibana {escape(version)} at {escape(where)}")
    return kibana


def _with_known(settings: Settings, said: KibanaAccess) -> KibanaAccess:
    """As was said; else as for Elasticsearch, whose users Kibana's are, but never to another machine."""
    host = said.address.split("://")[-1].split("/")[0].rsplit(":", 1)[0]
    if said.api_key or said.user or host not in HERE:
        return said
    known = with_docker_password(settings).access("")
    return replace(said, api_key=known.api_key, user=known.user, password=known.password)


def _objects(prefix: str) -> list[Object]:
    return prefixed(saved_objects(read_settings().sampling()), _prefix(prefix))


def _prefix(prefix: str) -> str:
    if prefix and not _PREFIX.fullmatch(prefix):
        raise Stop(f"{prefix!r} cannot begin an id.", fix="use lower-case letters, digits and -", exit_code=2)
    return prefix and prefix.rstrip("-") + "-"


def _tell(changes: list[Change]) -> None:
    for change in changes:
        if change.state != "same":
            what = f": {', '.join(change.what)}" if change.what else ""
            note = " (not ours any more; delete it by hand)" if change.state == "left" else ""
            out.print(f"{change.state:<8} {change.kind:<14} {escape(change.title)}{escape(what)}{note}")
    same = sum(change.state == "same" for change in changes)
    out.print(f"{same} of {len(changes)} are as they should be.")
