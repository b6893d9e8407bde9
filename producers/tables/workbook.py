"""Rows of a sheet of an XLSX workbook, as text, with limits.

A reader of our own over `zipfile`: it takes cells only, streams them, bounds everything, refuses document types in the
XML (and with them entities), and runs no formula: the value that was saved beside it counts. Source: ECMA-376 part 1,
18.3 (worksheets), 18.4 (shared strings), 18.8.30 (number formats).
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

from contracts.errors import Stop
from contracts.limits import MAX_TEXT_CHARS

MAX_UNPACKED_BYTES = 268_435_456
MAX_STRINGS = 1_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 500
CHUNK_BYTES = 65_536
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Built-in number formats that show a date or a time."""
_DATE_FORMAT = re.compile(r"[dmyhs]", re.IGNORECASE)
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet knows no zone; day 0 as spreadsheets count, with their 1900
_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_MOST_DAYS = 2_958_465.0
"""The last day of the year 9999."""
_BROKEN = (zipfile.BadZipFile, KeyError, ParseError, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class Sheet(NamedTuple):
    """A sheet and where it lies in the workbook."""

    name: str
    part: str


class Workbook:
    """A workbook that is open; raise `Stop` for one that cannot be read."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            self._check_size()
            self.sheets = self._sheets()
            self._strings = self._shared_strings()
            self._date_styles = self._dates()
        except _BROKEN as error:
            raise self._unreadable(error) from None

    def rows(self, name: str = "") -> Iterator[list[str]]:
        """Rows of the sheet of that name, else of the first one; empty cells are empty texts."""
        sheet = self._sheet(name)
        try:
            for number, row in enumerate(self._elements(sheet.part, "row")):
                if number >= MAX_ROWS:
                    raise Stop(
                        f"{self.path}: sheet {sheet.name!r} has more than {MAX_ROWS:,} rows", fix="export it as CSV"
                    )
                yield self._cells(row)
        except _BROKEN as error:
            raise self._unreadable(error) from None

    def close(self) -> None:
        """Close it."""
        self._zip.close()

    def _sheet(self, name: str) -> Sheet:
        found = [sheet for sheet in self.sheets if not name or sheet.name == name]
        if not found:
            names = ", ".join(repr(sheet.name) for sheet in self.sheets[:20]) or "none"
            raise Stop(f"{self.path} has no sheet {name!r}; its sheets are: {names}", fix="name one with --sheet")
        return found[0]

    def _check_size(self) -> None:
        unpacked = sum(part.file_size for part in self._zip.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise Stop(
                f"{self.path} unpacks to {unpacked:,} bytes, at most {MAX_UNPACKED_BYTES:,} are taken",
                fix="export the sheet as CSV",
            )

    def _sheets(self) -> list[Sheet]:
        targets = {found.get("Id"): found.get("Target", "") for found in self._elements(_RELATIONS, "Relationship")}
        sheets = []
        for workbook in self._elements(_WORKBOOK, "workbook"):
            self._from_1904 = any(
                element.get("date1904") in {"1", "true"} for element in workbook if _local(element) == "workbookPr"
            )
            for element in workbook.iter():
                if _local(element) == "sheet":
                    there = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
                    target = targets.get(there) or ""
                    part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                    sheets.append(Sheet(element.get("name", ""), part))
        return sheets

    def _shared_strings(self) -> list[str]:
        if _STRINGS not in self._zip.namelist():
            return []
        strings = []
        for item in self._elements(_STRINGS, "si"):
            strings.append(_said(item))
            if len(strings) > MAX_STRINGS:
                raise Stop(f"{self.path} has more than {MAX_STRINGS:,} texts", fix="export the sheet as CSV")
        return strings

    def _dates(self) -> frozenset[int]:
        """Cell styles that show a date."""
        if _STYLES not in self._zip.namelist():
            return frozenset()
        own: dict[int, bool] = {}
        dates = set()
        for style in self._elements(_STYLES, "styleSheet"):
            for element in style.iter():
                if _local(element) == "numFmt":
                    shown = _NOT_FORMAT.sub("", element.get("formatCode", ""))
                    own[_number(element.get("numFmtId"))] = bool(_DATE_FORMAT.search(shown))
            for formats in (element for element in style if _local(element) == "cellXfs"):
                for number, element in enumerate(formats):
                    code = _number(element.get("numFmtId"))
                    if own.get(code, code in _DATES):
                        dates.add(number)
        return frozenset(dates)

    def _cells(self, row: Element) -> list[str]:
        cells: list[str] = []
        for element in row:
            if _local(element) != "c":
                continue
            place = _column(element.get("r", ""), len(cells))
            if place >= MAX_COLUMNS:
                break
            cells += [""] * (place + 1 - len(cells))
            cells[place] = self._text(element)[:MAX_TEXT_CHARS]
        return cells

    def _text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _said(cell)
        value = next((element.text or "" for element in cell if _local(element) == "v"), "")
        if kind == "s":
            number = _number(value)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if kind == "n" and value and _number(cell.get("s")) in self._date_styles:
            return self._moment(value)
        return "" if kind == "e" else value

    def _moment(self, value: str) -> str:
        try:
            days = float(value)
        except ValueError:
            return value
        if not 0 <= days <= _MOST_DAYS:
            return value
        moment = (_EPOCH_1904 if self._from_1904 else _EPOCH) + timedelta(seconds=round(days * 86_400))
        return moment.isoformat(sep=" ")

    def _elements(self, part: str, name: str) -> Iterator[Element]:
        """Every element of a name, each forgotten once it was looked at."""
        with self._zip.open(part) as stream:
            yield from _parsed(stream, name)

    def _unreadable(self, error: Exception) -> Stop:
        return Stop(
            f"{self.path} cannot be read as an XLSX workbook ({type(error).__name__})",
            fix="open it in a spreadsheet program and save it as XLSX or CSV, without a password",
        )


_RELATIONS, _WORKBOOK = "xl/_rels/workbook.xml.rels", "xl/workbook.xml"
_STRINGS, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"


def is_workbook(path: str) -> bool:
    """Whether a file is an XLSX workbook: a zip archive with one in it."""
    try:
        with Path(path).open("rb") as file:
            if file.read(4) != b"PK\x03\x04":
                return False
        with zipfile.ZipFile(path) as archive:
            return _WORKBOOK in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False


def _parsed(stream: IO[bytes], name: str) -> Iterator[Element]:
    parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
    open_elements: list[Element] = []
    left, before = MAX_UNPACKED_BYTES, b""
    while chunk := stream.read(CHUNK_BYTES):
        left -= len(chunk)
        before = before[-16:] + chunk
        if b"<!DOCTYPE" in before or left < 0:
            raise zipfile.BadZipFile("holds what no workbook holds")
        parser.feed(chunk)
        for event, element in cast("Iterator[tuple[str, Element]]", parser.read_events()):
            if event == "start":
                open_elements.append(element)
                continue
            open_elements.pop()
            if _local(element) == name:
                yield element
                element.clear()
                if open_elements:
                    open_elements[-1].remove(element)


def _said(element: Element) -> str:
    """Text of a string, without how it is to be pronounced."""
    parts = []
    for child in element:
        name = _local(child)
        if name == "t":
            parts.append(child.text or "")
        elif name in {"r", "is"}:
            parts.append(_said(child))
    return "".join(parts)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1  # noqa: PLR2004


def _column(reference: str, otherwise: int) -> int:
    """Column of a place such as ``AB12``, from 0."""
    place = 0
    for letter in reference:
        if not ("A" <= letter <= "Z") or place > MAX_COLUMNS:
            break
        place = place * 26 + ord(letter) - 64
    return place - 1 if place else otherwise
