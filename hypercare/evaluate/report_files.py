"""Reports from a file: CSV with a header or JSON lines, plain or gzip.

Columns, of which the first name that is there counts: ``id`` or ``Issue id``; ``text`` or ``Description``; ``title`` or
``Summary``; ``label``; ``occurred_at`` (RFC 3339, or seconds since 1970); ``reporter``; ``language``; ``route``;
``release``; ``category``. Only the id, and a text or a title, are needed.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from contracts.errors import Stop
from contracts.limits import MAX_TEXT_CHARS
from processors.feedback.grouping.report import Report

PROJECT = "evaluated"
START, GAP_S = 1_780_000_000, 60
"""Reports without a time come a minute apart."""
_ID, _TEXT, _TITLE = ("id", "Issue id"), ("text", "Description"), ("title", "Summary")
_CONTEXT = ("reporter", "language", "route", "release", "category")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A report and, where it is known, the name of its true group."""

    report: Report
    label: str | None


def reports_of(source: Path) -> list[Labelled]:
    """Read all reports of a file in its order; raise `Stop` naming the line that cannot be read."""
    found: list[Labelled] = []
    seen: set[str] = set()
    for line, row in _rows(source):
        name = _first(row, _ID)
        if not name:
            raise Stop(f"{source}:{line}: no id", fix="give a column `id` (or `Issue id`) with a value", exit_code=2)
        if name in seen:
            raise Stop(
                f"{source}:{line}: id {name!r} was there before", fix="give every report its own id", exit_code=2
            )
        title, text = _first(row, _TITLE), _first(row, _TEXT)
        if not (title or text):
            raise Stop(f"{source}:{line}: no text", fix="give a column `text` (or `Description`)", exit_code=2)
        seen.add(name)
        context = {key: _first(row, (key,)) or None for key in _CONTEXT}
        at = _moment(source, line, row.get("occurred_at"), START + GAP_S * len(found))
        report = Report(project=PROJECT, id=name, at=at, text=text, title=title, **context)
        found.append(Labelled(report, _first(row, ("label",)) or None))
    return found


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = row.get(name)
        if value is not None and str(value).strip():
            return str(value).strip() if name in _ID else str(value)
    return ""


def _moment(source: Path, line: int, value: Any, otherwise: int) -> int:
    if value in {None, ""}:
        return otherwise
    try:
        if str(value).strip().isdecimal():
            return int(value)
        read = datetime.fromisoformat(str(value))
        return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        fix = "write occurred_at like 2026-06-15T09:00:00Z, or as seconds since 1970"
        raise Stop(f"{source}:{line}: {error}", fix=fix, exit_code=2) from error


def _rows(source: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Rows with their line numbers."""
    try:
        raw = source.read_bytes()
        text = (gzip.decompress(raw) if source.suffix == ".gz" else raw).decode("utf-8-sig")
        yield from _json_lines(text) if text.lstrip().startswith("{") else _csv_rows(text)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error, orjson.JSONDecodeError) as error:
        fix = "give a CSV file with a header, or one JSON object a line, in UTF-8, plain or gzip"
        raise Stop(f"{source}: {error}", fix=fix, exit_code=2) from error


def _csv_rows(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_TEXT_CHARS))  # process-wide, hence only ever raised
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for row in reader:
        yield reader.line_num, row


def _json_lines(text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found = orjson.loads(line)
            if isinstance(found, dict):
                yield number, found
