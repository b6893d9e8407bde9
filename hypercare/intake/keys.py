"""``hypercare keys``: who may send events over HTTP."""

from __future__ import annotations

import base64
import json
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError
from rich.markup import escape
from rich.table import Table

from contracts.cloudevents import said_of
from contracts.errors import Rejected, Stop
from hypercare.commands.console import Json, Project, out
from hypercare.intake.beside import read_address, why_not_ready
from hypercare.settings import read_settings
from producers.intake.hooks.every import HOOKS, PURPOSES
from producers.intake.hooks.generic import mapped
from producers.intake.key_file import NAME, change_keys, read_keys
from producers.intake.keys import NAME_CHARS, RATE, Key, hashed, new_token
from producers.intake.signatures import STANDARD_PREFIX

app = typer.Typer(help="Who may send events over HTTP: docs/intake.md.", no_args_is_help=True)
STDIN = "-"
MAX_SECRET_CHARS = 1_000
FEWEST_SECRET_CHARS = 8
NOT_HERE = " of the intake (`hypercare up` starts it; by itself: `hypercare intake serve`)"
_FIX_PURPOSE = f"choose from: {', '.join(PURPOSES)}"


@app.command()
def create(
    *,
    purposes: Annotated[
        list[str], typer.Option("--for", help="feedback, calls, signals or the name of a webhook; may be repeated")
    ],
    project: Project = "default",
    tenant: Annotated[str, typer.Option(help="tenant the events belong to")] = "default",
    environment: Annotated[str, typer.Option(help="environment the events belong to")] = "production",
    label: Annotated[str, typer.Option(help="who holds it, for your own list")] = "",
    rate: Annotated[float, typer.Option(help="events a second at most", min=0.01, max=1e6)] = RATE,
    sign: Annotated[bool, typer.Option("--sign", help="make a signing secret instead of a token")] = False,
    secret_file: Annotated[
        str, typer.Option(help="file with the signing secret that the vendor shows; - is the standard input")
    ] = "",
    mapping: Annotated[Path | None, typer.Option(help="for the purpose generic: which field is where")] = None,
    as_json: Json = False,
) -> None:
    """Make a key. Its token or secret is shown now and never again."""
    check_purposes(purposes, signed=sign or bool(secret_file))
    token = new_token()
    secret = _secret_in(secret_file) if secret_file else _new_secret(purposes[0]) if sign else ""
    said = {
        "id": token[:NAME_CHARS],
        "tenant": tenant,
        "project": project,
        "environment": environment,
        "purposes": frozenset(purposes),
        "label": label,
        "created_at": datetime.now(UTC).replace(microsecond=0),
        "token_sha256": "" if secret else hashed(token),
        "signing_secret": SecretStr(secret),
        "mapping": _mapping(purposes, mapping),
        "rate": rate,
    }
    try:
        key = Key.model_validate(said)
    except ValidationError as error:
        wrong = said_of(error.errors(include_url=False, include_input=False)[0])
        raise Stop(f"No key was made: {wrong}.", fix="mend that option", exit_code=2) from None
    change_keys(_file(), lambda keys: (*keys, key))
    _show(key, token, secret if sign else "", as_json=as_json)


@app.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """Print every key, without what proves it."""
    keys = read_keys(_file())
    if as_json:
        out.print_json(json.dumps([_shown(key) for key in keys]))
        return
    if not keys:
        out.print("There are no keys. Make one: [bold]hypercare keys create --for feedback --project shop[/]")
        return
    table = Table("key", "for", "tenant/project", "environment", "label", "proof", "events/s", "made", "revoked")
    for key in keys:
        table.add_row(
            key.id,
            ", ".join(sorted(key.purposes)),
            f"{key.tenant}/{key.project}",
            key.environment,
            escape(key.label),
            "signature" if key.signs else "token",
            f"{key.rate:,.2f}".removesuffix(".00"),
            f"{key.created_at:%Y-%m-%d}",
            f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "",
        )
    out.print(table)


@app.command()
def revoke(names: Annotated[list[str], typer.Argument(help="keys, by the first eight characters")]) -> None:
    """End keys. A running intake refuses them within a second; it is not undone, make a new one instead."""
    wanted = {name[:NAME_CHARS] for name in names}
    now = datetime.now(UTC).replace(microsecond=0)

    def ended(keys: tuple[Key, ...]) -> tuple[Key, ...]:
        if unknown := sorted(wanted - {key.id for key in keys}):
            raise Stop(f"There is no key {unknown[0]}; none was revoked.", fix="see `hypercare keys list`", exit_code=2)
        nothing = {"revoked_at": now, "token_sha256": "", "signing_secret": SecretStr("")}
        return tuple(key.model_copy(update=nothing) if key.id in wanted and not key.revoked_at else key for key in keys)

    change_keys(_file(), ended)
    out.print(f"Revoked: {', '.join(sorted(wanted))}.")


def check_purposes(purposes: list[str], *, signed: bool) -> None:
    """Refuse a purpose that there is not, and signatures where there are none; raise `Stop`."""
    for purpose in purposes:
        if purpose not in PURPOSES:
            raise Stop(f"There is no purpose {purpose!r}.", fix=_FIX_PURPOSE, exit_code=2)
    if not signed:
        return
    signing = [name for name, hook in HOOKS.items() if hook.check is not None]
    if len(set(purposes)) != 1 or purposes[0] not in signing:
        raise Stop("A signing secret is for one purpose that signs.", fix=f"one of: {', '.join(signing)}", exit_code=2)


def _show(key: Key, token: str, secret: str, *, as_json: bool) -> None:
    paths = [path_of(key, purpose) for purpose in sorted(key.purposes)]
    if as_json:
        proof = {"secret": secret} if key.signs else {"token": token}
        out.print_json(
            json.dumps({**_shown(key), **{name: said for name, said in proof.items() if said}, "paths": paths})
        )
        return
    out.print(f"Key [bold]{key.id}[/] for {', '.join(sorted(key.purposes))} of {key.tenant}/{key.project}.")
    if secret:
        out.print(f"Signing secret, shown this once: [bold]{secret}[/]")
    elif not key.signs:
        out.print(f"Token, shown this once: [bold]{token}[/]")
    running = read_address(_file().parent)
    at = str(running) if running and not why_not_ready(_file().parent) else ""
    out.print(f"Send to {', '.join(at + path for path in paths)}{'' if at else NOT_HERE}.")
    for name in sorted(key.purposes & HOOKS.keys()):
        out.print(f"{name}: {escape(HOOKS[name].set_up)}")


def path_of(key: Key, purpose: str) -> str:
    """Where what a key is for is sent."""
    if key.signs:
        return f"/v1/hooks/{purpose}/{key.id}"
    return "/v1/otlp/v1/traces" if purpose == "otlp" else f"/v1/{'hooks/' * (purpose in HOOKS)}{purpose}"


def _shown(key: Key) -> dict[str, Any]:
    said = key.model_dump(mode="json", exclude={"token_sha256", "signing_secret"})
    return {**said, "proof": "signature" if key.signs else "token"}


def _new_secret(purpose: str) -> str:
    if purpose == "standard":
        return STANDARD_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
    return new_token()


def _secret_in(name: str) -> str:
    """The vendor's secret; never as an argument, where every user of the machine could read it."""
    said = (sys.stdin.readline() if name == STDIN else Path(name).read_text(encoding="utf-8")).strip()
    if not FEWEST_SECRET_CHARS <= len(said) <= MAX_SECRET_CHARS or "\n" in said:
        raise Stop(
            "The signing secret is not one line of 8 to 1,000 characters.",
            fix="put nothing but the secret there",
            exit_code=2,
        )
    return said


def _mapping(purposes: list[str], file: Path | None) -> Mapping[str, Any]:
    if (file is not None) != ("generic" in purposes):
        raise Stop(
            "The purpose generic needs a mapping, and no other purpose has one.",
            fix="give --for generic and --mapping FILE.json, see docs/intake.md",
            exit_code=2,
        )
    if file is None:
        return {}
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        mapped(said if isinstance(said, dict) else {})
    except (ValueError, Rejected) as error:
        raise Stop(f"The mapping in {file} cannot be used: {error}", fix="see docs/intake.md", exit_code=2) from None
    return dict(said)


def _file() -> Path:
    return read_settings().home / NAME
