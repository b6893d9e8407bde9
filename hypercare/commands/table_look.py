"""How a table of feedback will be understood, shown before anything is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from rich.markup import escape

from contracts.cloudevents import rfc3339
from contracts.errors import Rejected
from contracts.feedback import Channel, Feedback
from hypercare.commands.console import out
from hypercare.masked import masked_line
from producers.adapters.open_feedback import TableOptions
from producers.tables.mapping import look_at, read_mapping, save_mapping

ROWS = 5
TEXT_CHARS = 160


def options_of(saved: str, pairs: Mapping[str, str], *, date_format: str, timezone: str, channel: str) -> TableOptions:
    """What was saved, and over it what is said now."""
    options = read_mapping(Path(saved)) if saved else TableOptions()
    return replace(
        options,
        mapping={**options.mapping, **pairs},
        date_format=date_format or options.date_format,
        timezone=timezone or options.timezone,
        channel=cast("Channel", channel) if channel else options.channel,
    )


def show_first_rows(paths: Sequence[str], options: TableOptions, save_to: str, *, tenant: str, project: str) -> None:
    """Print the assumptions and the first rows of each file; keep the mapping of the first where that is asked for."""
    for number, path in enumerate(paths):
        look = look_at(path, options, now=datetime.now(UTC), rows=ROWS, tenant=tenant, project=project)
        out.print(f"[bold]{escape(Path(path).name)}[/]")
        for decided in look.decided:
            out.print(f"  {escape(decided)}")
        for line, row in look.rows:
            for said in _said(row):
                out.print(f"  line {line}: {escape(said)}")
        if save_to and not number:
            save_mapping(Path(save_to), look.options)
            out.print(f"How it is read is kept in {escape(save_to)}: --mapping {escape(save_to)}")
    out.print("Nothing else was read so far.")


def _said(row: Feedback | Rejected) -> list[str]:
    if isinstance(row, Rejected):
        return [f"becomes a dead letter, {row.reason} {row.detail[:TEXT_CHARS]}"]
    said = [f"{rfc3339(row.occurred_at)} {row.channel}", f"text: {_short(row.text)}"]
    if row.title:
        said.append(f"title: {_short(row.title)}")
    if row.rating:
        said.append(f"rating: {row.rating.value:g} on the scale {row.rating.scale}")
    kept = {"reporter": bool(row.reporter.pseudonym), "ticket": row.source.id, "route": row.context.route}
    said += [f"{name}: {'yes, shown to nobody' if found is True else found}" for name, found in kept.items() if found]
    if row.attributes:
        said.append(f"attributes: {', '.join(list(row.attributes)[:20])}")
    return said


def _short(text: str) -> str:
    return masked_line(text)[:TEXT_CHARS]
