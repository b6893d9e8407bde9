"""``hypercare evidence``: a pack that can be sent to whoever has to mend it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from hypercare.commands.console import Json, kafka_of, out
from hypercare.incidents.audit_chain import history
from hypercare.incidents.find import find
from hypercare.incidents.pack import ANYWHERE, pack_of
from hypercare.incidents.pack_text import markdown
from hypercare.incidents.told import read_now
from hypercare.service import Service
from hypercare.settings import read_settings

_URL = re.compile(r"https?://[A-Za-z0-9.\-]{1,253}(?::\d{1,5})?(?:/[A-Za-z0-9._~/\-]{0,200})?")
"""A place and nothing more: no user, no parameters."""


def evidence(
    incident: Annotated[str, typer.Argument(help="id of an incident, or its beginning")],
    *,
    output: Annotated[Path, typer.Option(help="folder for evidence.md and evidence.json")] = Path(),
    base_url: Annotated[
        str, typer.Option(help=f"host of the curl lines, such as https://shop.example.com; else {ANYWHERE}")
    ] = "",
    restricted: Annotated[bool, typer.Option("--restricted", help="also when it speaks of a weakness")] = False,
    as_json: Json = False,
) -> None:
    """Write the evidence of an incident as Markdown and JSON, fit for a third party: redacted, times in UTC."""
    if base_url and not _URL.fullmatch(base_url):
        raise Stop(f"{base_url!r} is no plain URL.", fix="write https://host, without user or parameters", exit_code=2)
    service = Service(read_settings())
    kafka, prefix = kafka_of(service), service.settings.topic_prefix
    found = find(read_now(kafka, prefix=prefix).incidents, incident)
    if found.restricted and not restricted:
        raise Stop(
            f"{found.incident} may speak of a weakness: only few may read it.",
            fix="if whoever gets it may, say --restricted",
            exit_code=1,
        )
    pack = pack_of(found, history(kafka, found.incident, prefix=prefix), base_url=base_url)
    said = json.dumps(pack, indent=2, ensure_ascii=False)
    if as_json:
        out.print_json(said)
        return
    output.mkdir(parents=True, exist_ok=True)
    page, data = output / "evidence.md", output / "evidence.json"
    page.write_text(markdown(pack), encoding="utf-8")
    data.write_text(said + "\n", encoding="utf-8")
    out.print(f"Written: {escape(str(page))}, {escape(str(data))}. Masking goes by shapes: read before you send.")
