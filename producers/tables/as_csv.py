"""A sheet as the CSV that the importer reads."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from producers.tables.workbook import Workbook, is_workbook


@contextmanager
def readable(path: str, sheet: str = "") -> Iterator[str]:
    """Path of a file that the importer can read: a CSV under the workbook's name, or the file itself.

    The name stays, for ids come from it. Rows before the first one with two cells, such as a title, are left out.
    """
    if not is_workbook(path):
        yield path
        return
    with TemporaryDirectory(prefix="hypercare-sheet-") as folder:
        target = Path(folder) / Path(path).name
        book = Workbook(path)
        try:
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                begun = False
                for row in book.rows(sheet):
                    begun = begun or sum(bool(cell.strip()) for cell in row) > 1
                    if begun and any(row):
                        writer.writerow(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row)
        finally:
            book.close()
        yield str(target)
