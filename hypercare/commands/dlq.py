"""``hypercare dlq``: look at dead letters."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.markup import escape

from hypercare import dead_letters
from hypercare.commands.console import Json, endpoints_of, out
from hypercare.service import Service
from hypercare.settings import read_settings

app = typer.Typer(help="Dead letters: inputs that could not be read, kept byte for byte.", no_args_is_help=True)


@app.command("ls")
def dlq_ls(
    *,
    limit: Annotated[int, typer.Option(help="newest so many", min=1, max=10_000)] = 20,
    as_json: Json = False,
) -> None:
    """List the newest dead letters with reason and place."""
    service = Service(read_settings())
    letters = dead_letters.newest(endpoints_of(service).kafka, limit=limit, prefix=service.settings.topic_prefix)
    if as_json:
        out.print_json(json.dumps([letter.shown() for letter in letters]))
        return
    for letter in letters:
        said = letter.said
        where = f"{said.get('source')}:{said.get('line')}" if said.get("source") else f"{said.get('topic')}"
        out.print(f"{escape(letter.place)}  [bold]{escape(said.get('reason', '?'))}[/]  {escape(where)}")
        out.print(f"    {escape(said.get('detail', '')[:160])}")
    out.print("See one whole: hypercare dlq show TOPIC/PARTITION/OFFSET" if letters else "No dead letters.")


@app.command("show")
def dlq_show(
    place: Annotated[str, typer.Argument(help="TOPIC/PARTITION/OFFSET, as `dlq ls` prints it")],
) -> None:
    """Print one dead letter: what is said of it, and its bytes; they may be personal or secret."""
    service = Service(read_settings())
    letter = dead_letters.one(endpoints_of(service).kafka, place)
    for name, value in letter.said.items():
        out.print(f"{name:<10} {escape(value)}")
    out.print(f"{'bytes':<10} {len(letter.value or b'')}")
    sys.stdout.write((letter.value or b"").decode("utf-8", "backslashreplace") + "\n")
