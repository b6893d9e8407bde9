"""``hypercare indices``: what Elasticsearch keeps for us, what it costs, and bringing it up to date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from contracts.errors import Stop
from hypercare.commands.console import Json, endpoints_of, out
from hypercare.documents_by_id import AWAY, REFUSED
from hypercare.service import Service
from hypercare.settings import read_settings
from sinks.elasticsearch.census import census
from sinks.elasticsearch.census import expire as delete_old
from sinks.elasticsearch.templates import apply_templates
from sinks.elasticsearch.upgrade import ALL
from sinks.elasticsearch.upgrade import upgrade as bring_up_to_date

app = typer.Typer(help="What Elasticsearch keeps: documents, bytes, retention, upgrades.", no_args_is_help=True)
COLUMNS = ("name", "indices", "documents", "stand for", "MiB", "bytes each", "field left out", "kept")
MEBIBYTE = 1_048_576
REFUSED_FIX = "401 and 403: use a key or user with the right, see docs/operating-elasticsearch.md; else see its log"
Only = Annotated[str, typer.Option("--only", help="names, with * for any letters and commas between")]


@contextmanager
def elasticsearch() -> Iterator[Any]:
    """A client for the Elasticsearch of this instance; raise `Stop` when nobody answers."""
    service = Service(read_settings())
    client = service.settings.access(endpoints_of(service).elasticsearch).client()
    try:
        yield client
    except AWAY as error:
        raise Stop(f"Elasticsearch does not answer: {error}", fix="see `hypercare status`") from error
    except REFUSED as error:
        raise Stop(f"Elasticsearch refuses: {error}", fix=REFUSED_FIX) from error
    finally:
        client.close()


@app.command()
def ls(*, only: Only = ALL, as_json: Json = False) -> None:
    """List data streams and indices: documents, bytes, how long they are kept, what could not be read."""
    with elasticsearch() as client:
        counted = census(client, only)
    if as_json:
        out.print_json(json.dumps([asdict(one) | {"bytes_a_document": one.bytes_a_document} for one in counted]))
        return
    table = Table(*COLUMNS, box=None)
    table.columns[0].no_wrap = True  # a name is for copying
    for one in counted:
        table.add_row(
            escape(one.name), str(one.indices), f"{one.documents:,}", f"{one.stands_for:,}",
            f"{one.bytes / MEBIBYTE:,.1f}", f"{one.bytes_a_document:,.0f}", f"{one.left_out:,}", one.kept,
        )  # fmt: skip
    out.print(table)
    if any(one.left_out for one in counted):
        out.print("Documents with a field left out: search them with `_ignored:*`; the field's name is in `_ignored`.")
    old = sum(not one.current for one in counted)
    if old:
        out.print(f"{old} of {len(counted)} were made with earlier templates: `hypercare indices upgrade`.")


@app.command()
def upgrade(*, only: Only = ALL) -> None:
    """Bring indices to the present fields and analysers: data streams roll over, what changes is copied.

    Stop the sinks first (`hypercare stop sink-feedback sink-incidents`), restart them afterwards: an index that is
    copied takes no writes meanwhile.
    """
    with elasticsearch() as client:
        apply_templates(client, sampled=read_settings().sampling().successful == "sample")
        done = 0
        for name, what in bring_up_to_date(client, only):
            out.print(f"{escape(name)}: {what}")
            done += 1
    out.print(f"{done} brought up to date." if done else "Everything has the present fields.")


@app.command()
def expire(*, only: Only = ALL) -> None:
    """Delete feedback, groups and incidents that were told last too long ago; open incidents stay."""
    with elasticsearch() as client:
        deleted = 0
        for name, count in delete_old(client, datetime.now(UTC), only):
            deleted += count
            if count:
                out.print(f"{escape(name)}: {count:,} documents deleted")
    out.print(f"{deleted:,} documents deleted.")
