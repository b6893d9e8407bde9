"""Documents to a file, in the very lines of a bulk request: ``curl … --data-binary @file …/_bulk`` loads it.

Where there is no Elasticsearch. It keeps to what the bulk loop promises (one contract suite runs on both): written
once however often it is written (again only with a higher version), in whole pairs of lines, known written when
`submit`'s promise is kept. It cannot refuse a document, because mappings are Elasticsearch's.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import orjson

from contracts.errors import Stop
from processors.runtime.ending import EXIT_PERSON
from processors.runtime.stage import Item, Refusal
from sinks.elasticsearch.bulk_lines import bulk_lines
from sinks.elasticsearch.document import Document

Name = tuple[str, str]
"""Data stream or index, and ``_id``."""


class NdjsonWriter:
    """Appends documents to ``file``; it remembers every id, so it is for small amounts.

    Written means handed to the operating system: a killed process loses nothing, a machine without power may.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._there: dict[Name, int] = {}
        self._out: BinaryIO | None = None

    async def start(self) -> None:
        """Open the file, learn what it holds, and drop a pair that a crash left half."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._out = self._file.open("ab", buffering=0)
            end = 0
            for action, body in documents_in(self._file):
                name, version = _named(action)
                self._there[name] = max(version, self._there.get(name, version))
                end += len(action) + len(body)
            self._out.truncate(end)
        except OSError as error:
            raise self._cannot_write(error) from error

    async def submit(self, items: Iterable[Item[Document]]) -> Awaitable[Sequence[Refusal]]:
        """Write what is not there yet."""
        lines = b"".join(self._new(document for _, document in items))
        try:
            self._write(lines)
        except OSError as error:
            raise self._cannot_write(error) from error
        written: asyncio.Future[Sequence[Refusal]] = asyncio.get_running_loop().create_future()
        written.set_result(())
        return written

    def waiting(self) -> str:
        """Nothing: a file takes documents or it fails."""
        return ""

    async def stop(self) -> None:
        """Close the file."""
        if self._out is not None:
            self._out.close()

    def _new(self, documents: Iterable[Document]) -> Iterator[bytes]:
        for document in documents:
            name, version = (document.stream, document.key), document.version or 0
            if version > self._there.get(name, -1):
                self._there[name] = version
                yield bulk_lines(document)

    def _write(self, lines: bytes) -> None:
        assert self._out is not None  # noqa: S101 - started before anything is submitted
        left = memoryview(lines)
        while left:
            left = left[os.write(self._out.fileno(), left) :]

    def _cannot_write(self, error: OSError) -> Stop:
        return Stop(
            f"{self._file} cannot be written: {error.strerror}",
            fix="make room on the disk, or set HYPERCARE_HOME to a folder that may be written to",
            exit_code=EXIT_PERSON,
        )


def documents_in(file: Path) -> Iterator[tuple[bytes, bytes]]:
    """Every whole pair of lines in ``file``, action and document, with their newlines."""
    with file.open("rb") as lines:
        while (action := next(lines, b"")) and (body := next(lines, b"")).endswith(b"\n"):
            yield action, body


def latest_documents(file: Path) -> Iterator[bytes]:
    """Every document once, as its highest version has it."""
    latest: dict[Name, tuple[int, bytes]] = {}
    for action, body in documents_in(file):
        name, version = _named(action)
        if name not in latest or version > latest[name][0]:
            latest[name] = version, body
    return (body for _, body in latest.values())


def _named(action: bytes) -> tuple[Name, int]:
    (said,) = orjson.loads(action).values()
    return (said["_index"], said["_id"]), said.get("version", 0)
