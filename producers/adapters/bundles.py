"""Lines that hold several calls: arrays of records, deliveries of CloudWatch, traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

import orjson

from producers.adapters.adapter import Adapter
from producers.files import Line


@runtime_checkable
class Unbundles(Protocol):
    """What an adapter also is when its format has a shape of its own for several calls."""

    def unbundled(self, record: dict[str, Any]) -> Iterable[bytes] | None:
        """Every call as a line that the adapter reads, and what is no call as one line more; None for a single call."""
        ...


def unbundled(lines: Iterator[Line], adapter: Adapter) -> Iterator[Line]:
    """Each record as a line with the number of the line it stands in; what cannot be taken apart stays as it is."""
    for line in lines:
        parts = None if line.fault else _parts(line.data, adapter)
        if parts is None:
            yield line
        else:
            for number, data in enumerate(parts):
                yield Line(line.number, data, part=number)


def _parts(data: bytes, adapter: Adapter) -> Iterable[bytes] | None:
    start = data.lstrip()[:1]
    if start != b"[" and not (start == b"{" and isinstance(adapter, Unbundles)):
        return None
    try:
        found = orjson.loads(data)
        if isinstance(found, dict):
            return _of_record(found, adapter)
        return [part for record in found for part in _of_record(record, adapter) or [orjson.dumps(record)]] or None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError, TypeError):
        return None  # the adapter says better what is wrong with it


def _of_record(record: object, adapter: Adapter) -> Iterable[bytes] | None:
    return adapter.unbundled(record) if isinstance(record, dict) and isinstance(adapter, Unbundles) else None
