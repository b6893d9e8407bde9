"""Reads labelled texts from files: CSV or one JSON object a line, plain or gzip.

Shape: ``id`` and ``text`` are needed; ``title``, ``label`` and ``language`` may be there; anything else is left alone.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from contracts.errors import Stop

FIX = "give id and text, and if there are any title, label and language, as CSV with a header or as JSON lines"
LONGEST_FIELD = 2**24


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One text; ``label`` is None where the file has none."""

    id: str
    text: str
    title: str | None = None
    label: str | None = None
    language: str | None = None


def read_texts(file: Path, *, labelled: bool = False) -> list[LabelledText]:
    """All texts of a file; raise `Stop` naming the line that cannot be read, or has no label where one is needed."""
    found: list[LabelledText] = []
    seen: set[str] = set()
    for line, said in _lines(file):
        one = _text(said, f"{file}, line {line}")
        if one.id in seen:
            raise Stop(f"{file}, line {line}: id {one.id!r} was given before", fix="give each text once", exit_code=2)
        if labelled and one.label is None:
            raise Stop(f"{file}, line {line}: there is no label", fix="give a label for each", exit_code=2)
        seen.add(one.id)
        found.append(one)
    if not found:
        raise Stop(f"{file} holds no texts", fix=FIX, exit_code=2)
    return found


def _text(said: dict[str, Any], place: str) -> LabelledText:
    lacking = [name for name in ("id", "text") if said.get(name) is None]
    if lacking:
        raise Stop(f"{place}: there is no {' and no '.join(lacking)}", fix=FIX, exit_code=2)
    words = {name: str(said[name]) for name in ("title", "label", "language") if said.get(name) not in (None, "")}
    return LabelledText(str(said["id"]), str(said["text"]), **words)


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Stop(f"{file}: {error}", fix="give a file in UTF-8, plain or gzip", exit_code=2) from error
    yield from _json_lines(file, text) if text.lstrip()[:1] == "{" else _csv_rows(file, text)


def _json_lines(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise Stop(f"{file}, line {number}: {error}", fix=FIX, exit_code=2) from error
        if not isinstance(said, dict):
            raise Stop(f"{file}, line {number} is no JSON object", fix=FIX, exit_code=2)
        yield number, said


def _csv_rows(file: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if lacking := [name for name in ("id", "text") if name not in (reader.fieldnames or ())]:
            raise Stop(f"{file}: there is no column {' and no '.join(lacking)}", fix=FIX, exit_code=2)
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise Stop(f"{file}, line {reader.line_num}: {error}", fix=FIX, exit_code=2) from error
