"""Find the records of a CSV file among its lines, and the cells of a record.

A quoted cell may hold newlines, so a record may be several lines; its bytes are kept as they stand.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import takewhile

from contracts.errors import Rejected
from contracts.limits import MAX_TEXT_CHARS
from producers.files import Line

DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
"""For a file with one column: a character that separates nothing."""
_UNCLOSED = "unexpected end of data"
_MOST = 0.8
"""Share of the sampled lines that a delimiter must split like the first line to be believed."""


def decoded(data: bytes) -> str:
    """UTF-8, else Windows-1252: what spreadsheets save."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "backslashreplace")


def cells_of(record: bytes, delimiter: str) -> list[str]:
    """Cells of one record; raise `Rejected` when one is larger than any text may be."""
    lines = decoded(record).split("\n")
    try:
        return next(_reader((line + "\n" for line in lines), delimiter), [])
    except csv.Error as error:
        raise Rejected("invalid_csv", str(error)) from None


def records_of(lines: Iterator[Line], delimiter: str) -> Iterator[Line]:
    """Join lines to records, numbered by their first line.

    A quote that never closes spoils its own line only: reading goes on at the next one.
    """
    waiting: deque[Line] = deque()
    while True:
        first = waiting.popleft() if waiting else next(lines, None)
        if first is None:
            return
        if first.fault or b'"' not in first.data:
            yield first
            continue
        taken = [first]
        if _closes(taken, waiting, lines, delimiter):
            yield Line(first.number, b"\n".join(line.data for line in taken))
        else:
            waiting.extendleft(reversed(taken[1:]))
            fault = Rejected("unclosed_quote", "a quote opens here and does not close in this file or within its limit")
            yield Line(first.number, first.data, fault)


def delimiter_of(sample: Sequence[Line]) -> str:
    """Find the character that splits the records of the sample into the most columns, most of them alike."""
    best, most = NO_DELIMITER, 1
    for delimiter in DELIMITERS:
        widths = [len(cells) for cells in sampled_cells(sample, delimiter)]
        if not widths:
            continue
        alike = sum(width == widths[0] for width in widths)
        if widths[0] > most and alike >= _MOST * len(widths):
            best, most = delimiter, widths[0]
    return best


def sampled_cells(sample: Sequence[Line], delimiter: str) -> list[list[str]]:
    """Cells of the whole records in a sample; it ends where the sample cuts a record in two."""
    whole = takewhile(lambda record: not record.fault, records_of(iter(sample), delimiter))
    found = []
    for record in whole:
        if not record.data.strip():
            continue
        try:
            found.append(cells_of(record.data, delimiter))
        except Rejected:
            continue
    return found


def _closes(taken: list[Line], waiting: deque[Line], lines: Iterator[Line], delimiter: str) -> bool:
    """Let the csv module read one record, adding the lines it needs to ``taken``."""

    def fed() -> Iterator[str]:
        yield decoded(taken[0].data) + "\n"
        while True:
            line = waiting.popleft() if waiting else next(lines, None)
            if line is None:
                return
            taken.append(line)
            if line.fault:
                return
            yield decoded(line.data) + "\n"

    try:
        next(_reader(fed(), delimiter), None)
    except csv.Error:
        return False
    if taken[-1].fault:
        return False
    return _closed(taken, delimiter)


def _closed(taken: Sequence[Line], delimiter: str) -> bool:
    """Tell a record that ended from one that the end of the file cut off, which only strict reading does."""
    try:
        list(_reader((decoded(line.data) + "\n" for line in taken), delimiter, strict=True))
    except csv.Error as error:
        return str(error) != _UNCLOSED
    return True


def _reader(lines: Iterator[str], delimiter: str, *, strict: bool = False) -> Iterator[list[str]]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_TEXT_CHARS))  # process-wide, hence only ever raised
    return csv.reader(lines, delimiter=delimiter, strict=strict)
