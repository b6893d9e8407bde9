"""What is particular to a file; what it shares with Elasticsearch is in tests/integration/test_sink.py."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.bulk_lines import bulk_lines
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.ndjson import NdjsonWriter, documents_in, latest_documents
from sinks.elasticsearch.stages import writer_for


def document(name: str) -> Document:
    return Document("logs-x-y", name, b'{"n":"%b"}' % name.encode())


def write(file: Path, *names: str) -> None:
    async def work() -> None:
        writer = NdjsonWriter(file)
        await writer.start()
        try:
            assert await (await writer.submit((PlainRecord(b""), document(name)) for name in names)) == ()
            assert writer.waiting() == ""
        finally:
            await writer.stop()

    asyncio.run(work())


def test_the_lines_are_those_of_a_bulk_request(tmp_path: Path) -> None:
    write(tmp_path / "new" / "a.ndjson", "a", "b", "a")
    assert (tmp_path / "new" / "a.ndjson").read_bytes() == bulk_lines(document("a")) + bulk_lines(document("b"))
    assert bulk_lines(document("a")) == (
        b'{"create":{"_index":"logs-x-y","_id":"a","require_data_stream":true}}\n{"n":"a"}\n'
    )


def test_a_document_that_lives_is_written_again_only_with_a_higher_version(tmp_path: Path) -> None:
    file = tmp_path / "a"

    async def work(*versions: int) -> None:
        writer = NdjsonWriter(file)
        await writer.start()
        await (
            await writer.submit((PlainRecord(b""), Document("hypercare-x", "a", b'{"n":%d}' % v, v)) for v in versions)
        )
        await writer.stop()

    asyncio.run(work(0, 2, 1))
    asyncio.run(work(1, 2, 3))
    assert [body for _, body in documents_in(file)] == [b'{"n":0}\n', b'{"n":2}\n', b'{"n":3}\n']
    assert list(latest_documents(file)) == [b'{"n":3}\n']


def test_a_restart_writes_nothing_again(tmp_path: Path) -> None:
    write(tmp_path / "a", "a", "b")
    write(tmp_path / "a", "b", "c")
    assert [body for _, body in documents_in(tmp_path / "a")] == [b'{"n":"%b"}\n' % name for name in (b"a", b"b", b"c")]


@pytest.mark.parametrize("torn", [b'{"create":{"_ind', bulk_lines(document("b")).splitlines(keepends=True)[0], b"{}"])
def test_half_a_pair_that_a_crash_left_is_dropped_and_written_whole(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "a"
    write(file, "a")
    with file.open("ab") as left:
        left.write(torn)
    write(file, "b")
    assert file.read_bytes() == bulk_lines(document("a")) + bulk_lines(document("b"))


def test_a_place_that_takes_no_file_needs_a_person(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("")
    with pytest.raises(Stop, match="cannot be written"):
        write(tmp_path / "in-the-way" / "a", "a")


def test_the_address_decides(tmp_path: Path) -> None:
    assert isinstance(writer_for("sink-calls", Access("http://127.0.0.1:9200")), BulkWriter)
    folder = tmp_path / "with a space"
    writer = writer_for("sink-calls", Access(folder.as_uri()))
    assert isinstance(writer, NdjsonWriter)
    asyncio.run(writer.start())
    asyncio.run(writer.stop())
    assert [file.name for file in folder.iterdir()] == ["calls.ndjson"]
