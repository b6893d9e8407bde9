from __future__ import annotations

from typing import Any

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.structs import TopicPartition

from processors.runtime.tolerant_records import TolerantPartitionRecords, _Fetched

TP = TopicPartition("t", 0)
BAD = "naïve".encode("latin-1")


def batch(first: int, names: list[bytes], compression: int = 0, *, transactional: bool = False) -> bytes:
    """One v2 batch; ``names`` are the header names of its records, written as they are."""
    builder = DefaultRecordBatchBuilder(2, compression, int(transactional), 7, 0, 0, 1 << 20)
    for delta, name in enumerate(names):
        stand_in = "x" * len(name)
        builder.append(delta, 1000, b"k", b"v%d" % (first + delta), [(stand_in, b"\xff")])
    raw = bytearray(builder.build())
    assert not compression or BAD not in names, "patched below, so it must not be compressed"
    position = 61
    for name in names:
        place = raw.find(b"x" * len(name), position)
        if not compression:
            raw[place : place + len(name)] = name
            position = place + len(name)
    raw[0:8] = first.to_bytes(8, "big")
    return bytes(raw)


def read(data: bytes, offset: int, aborted: list[tuple[int, int]] | None = None) -> list[Any]:
    return list(
        TolerantPartitionRecords(
            TP, _Fetched(data), aborted, offset, None, None, check_crcs=False, isolation_level=READ_COMMITTED
        )
    )


@pytest.mark.parametrize("bad", range(5))
def test_a_name_that_is_not_utf8_is_escaped_and_no_neighbour_is_lost_or_repeated(bad: int) -> None:
    names = [b"good"] * 5
    names[bad] = BAD
    data = batch(0, [b"first"] * 3) + batch(3, names) + batch(8, [b"last"] * 2)
    records = read(data, 0)
    assert [record.offset for record in records] == list(range(10))
    assert [record.value for record in records] == [b"v%d" % n for n in range(10)]
    assert records[3 + bad].headers == (("na\\xefve", b"\xff"),)
    assert records[9].headers == (("last", b"\xff"),)


@pytest.mark.parametrize("offset", range(6))
def test_reading_begins_anywhere(offset: int) -> None:
    data = batch(0, [b"good", BAD, b"good"]) + batch(3, [BAD, BAD, b"good"])
    assert [record.offset for record in read(data, offset)] == list(range(offset, 6))


def test_what_was_aborted_stays_unseen() -> None:
    data = batch(0, [BAD, b"good"], transactional=True) + batch(2, [b"good", BAD])
    assert [record.offset for record in read(data, 0, aborted=[(7, 0)])] == [2, 3]


def test_what_is_damaged_is_still_an_error() -> None:
    data = bytearray(batch(0, [b"good"] * 3))
    data[61] = 0x7E  # the length of the first record
    with pytest.raises(Exception, match=r"(?i)record"):
        read(bytes(data), 0)
