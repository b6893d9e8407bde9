"""A full disk costs no event, no key and no supervisor: what cannot be written waits, or is told to a person."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.settings import Settings
from hypercare.supervisor import read_states, state_file
from processors.runtime.crash_notes import CrashNotes
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.ndjson import NdjsonWriter, documents_in
from tests.scenarios.workers import wait_until
from tests.small_disk import SmallDisk, small_disk

SUPERVISE = """
import os, sys
from pathlib import Path
from hypercare.supervisor import Supervisor
Supervisor(["no-such-stage"], Path(sys.argv[1]), dict(os.environ)).run()
"""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(small_disk(tmp_path, 256))
        except PermissionError as error:
            pytest.skip(str(error))
        yield made


def test_a_pseudonym_key_is_there_whole_or_not_at_all(disk: SmallDisk) -> None:
    settings = Settings(home=disk.folder)
    disk.fill()
    with pytest.raises(Stop, match="cannot be kept"):
        settings.pseudonym_secret()
    disk.make_room()
    key = settings.pseudonym_secret()
    assert len(key) == 64
    assert settings.pseudonym_secret() == key


def test_an_empty_key_is_never_used(tmp_path: Path) -> None:
    (tmp_path / "pseudonym.key").touch()
    with pytest.raises(Stop, match="is empty"):
        Settings(home=tmp_path).pseudonym_secret()


def test_a_crash_that_cannot_be_noted_is_forgotten_and_the_earlier_ones_are_not(disk: SmallDisk) -> None:
    file = disk.folder / "telemetry.crash.json"
    record, other = PlainRecord(b"", offset=7), PlainRecord(b"", offset=8)
    assert CrashNotes(file).add(record) == 1
    disk.fill()
    assert CrashNotes(file).add(other) == 1
    disk.make_room()
    assert CrashNotes(file).add(other) == 1
    assert CrashNotes(file).add(record) == 2


def document(number: int) -> Document:
    return Document("logs-x-y", str(number), b'{"message":"%b"}' % (b"x" * 1_000))


def test_documents_in_a_file_stop_at_a_full_disk_and_go_on_where_it_had_room(disk: SmallDisk) -> None:
    file = disk.folder / "documents.ndjson"

    async def write(numbers: range) -> None:
        writer = NdjsonWriter(file)
        await writer.start()
        try:
            await writer.submit([(PlainRecord(b""), document(number)) for number in numbers])
        finally:
            await writer.stop()

    asyncio.run(write(range(100)))
    with pytest.raises(Stop, match="cannot be written"):
        asyncio.run(write(range(300)))
    half = len(list(documents_in(file)))
    assert 100 <= half < 300
    disk.grow()
    asyncio.run(write(range(300)))
    assert len(list(documents_in(file))) == 300


def test_the_supervisor_outlives_a_full_disk(disk: SmallDisk) -> None:
    process = subprocess.Popen([sys.executable, "-c", SUPERVISE, str(disk.folder)], stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: any(state.restarts for state in read_states(disk.folder)), 30)
        disk.fill()
        before = state_file(disk.folder).read_bytes()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(5)
        assert state_file(disk.folder).read_bytes() == before, "it could not be written"
        disk.make_room()
        wait_until(lambda: state_file(disk.folder).read_bytes() != before, 30)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert [state.state for state in read_states(disk.folder)] == ["stopped"]
    finally:
        process.kill()
        process.wait()
