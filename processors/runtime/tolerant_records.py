r"""Reads records whose header names are not UTF-8, at which aiokafka's reader would stop for ever.

Kafka itself does not look into header names, so any client may write such a record, and every reader that insists on
UTF-8 fails at it again after each restart. aiokafka's fast reader stays in charge; where it fails, the rest of what was
fetched is read by its slow one with such names escaped (``\xff``). Key, value and header values are untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy


class _Escaping(bytearray):
    """A buffer whose slices decode without failing."""

    def __getitem__(self, index: Any, /) -> Any:
        found = super().__getitem__(index)
        return _Escaping(found) if isinstance(index, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class _TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch that is read slowly, and to its end."""

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Escaping(self._buffer)


class _TolerantRest(_MemoryRecordsPy):  # type: ignore[misc]
    """What was fetched, from the batch on that holds ``offset``."""

    def __init__(self, data: bytes, offset: int) -> None:
        super().__init__(data)
        while self._next_slice is not None and _TolerantBatch(self._next_slice).next_offset <= offset:
            self._cache_next()

    def next_batch(self) -> Any:
        batch = _TolerantBatch(self._next_slice)
        self._cache_next()
        return batch


class _Fetched(MemoryRecords):  # type: ignore[misc]
    """aiokafka's own, which also remembers the bytes it reads."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.data = data


class TolerantPartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]
    """Goes on with the slow reader at the record where the fast one fails."""

    _records: Any

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except (UnicodeDecodeError, CorruptRecordException):
            fetched = self._records
            if not isinstance(fetched, _Fetched):
                raise
            self._records = _TolerantRest(fetched.data, self.next_fetch_offset)
            yield from super()._unpack_records()


def install() -> None:
    """Make every consumer of this process tolerant."""
    fetcher.MemoryRecords = _Fetched
    fetcher.PartitionRecords = TolerantPartitionRecords
