"""What a stateful stage remembers: plain Python values by key, bounded, with their changes noted for the epoch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, TypeVar

import orjson

from contracts.errors import HypercareError
from processors.runtime import metrics

Value = TypeVar("Value")
SEPARATOR = "/"
Entry = tuple[bytes, bytes | None]
"""Key and value as they stand in the state topic; None removes the key."""


class StateUnreadable(HypercareError):  # noqa: N818 - what it says
    """An entry of a state topic cannot be decoded, or belongs to no table."""


@dataclass(frozen=True)
class TableSpec(Generic[Value]):
    """What a stage declares about one table.

    ``encode`` and ``decode`` turn a value into the bytes that are stored and back. ``capacity`` is the number of
    keys a partition may hold; one more evicts a key that was not changed for long, which is counted.
    """

    name: str
    encode: Callable[[Value], bytes]
    decode: Callable[[bytes], Value]
    capacity: int

    def __post_init__(self) -> None:
        if SEPARATOR in self.name or not self.name or self.name.startswith("!"):
            raise ValueError(f"a table cannot be named {self.name!r}")


def table_of(kind: type[Value], name: str, *, capacity: int) -> TableSpec[Value]:
    """A table of dataclasses with fields that JSON has words for; a field that ``kind`` lost is left out."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]

    def decode(stored: bytes) -> Value:
        return kind(**{field: value for field, value in orjson.loads(stored).items() if field in known})

    return TableSpec(name, encode=lambda value: orjson.dumps(asdict(value)), decode=decode, capacity=capacity)  # type: ignore[call-overload]


class Table(Generic[Value]):
    """The values of one table in one partition.

    A value that is changed in place has to be set again, or `touch`-ed: what was not noted is not stored.
    Eviction goes round the keys and takes those that were not changed since it last began (second chance), because
    keeping keys in the order of their last change would make every change of a large table slower.
    """

    __slots__ = (
        "_candidates",
        "_capacity",
        "_changed",
        "_decode",
        "_encode",
        "_name",
        "_prefix",
        "_recent",
        "_rows",
        "changes",
    )

    def __init__(self, spec: TableSpec[Value]) -> None:
        self._name = spec.name
        self._prefix = (spec.name + SEPARATOR).encode()
        self._encode, self._decode, self._capacity = spec.encode, spec.decode, spec.capacity
        self._rows: dict[str, Value] = {}
        self._changed: set[str] = set()
        self._candidates: deque[str] = deque()
        self._recent: set[str] | None = None
        self.changes = 0

    def __getitem__(self, key: str) -> Value:
        return self._rows[key]

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __setitem__(self, key: str, value: Value) -> None:
        rows = self._rows
        rows[key] = value
        self._changed.add(key)
        self.changes += 1
        if self._recent is not None:
            self._recent.add(key)
        while len(rows) > self._capacity:
            self._evict()

    def __delitem__(self, key: str) -> None:
        del self._rows[key]
        self._changed.add(key)
        self.changes += 1

    def get(self, key: str) -> Value | None:
        """The value of a key, or None."""
        return self._rows.get(key)

    def pop(self, key: str) -> None:
        """Remove a key, if it is there."""
        if key in self._rows:
            del self[key]

    def touch(self, key: str) -> None:
        """Note that the value of a key was changed in place."""
        self[key] = self._rows[key]

    def items(self) -> Iterator[tuple[str, Value]]:
        """Keys with values."""
        return iter(self._rows.items())

    def take_changes(self) -> list[Entry]:
        """Encode what changed since the last call; None for what is gone."""
        rows, encode, prefix = self._rows, self._encode, self._prefix
        taken: list[Entry] = [
            (prefix + key.encode(), encode(rows[key]) if key in rows else None) for key in self._changed
        ]
        self._changed = set()
        return taken

    def restore(self, key: str, value: bytes | None) -> None:
        """Take over an entry as it was stored, later ones after earlier ones."""
        if value is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = self._decode(value)

    def _evict(self) -> None:
        while True:
            if not self._candidates:
                self._candidates, self._recent = deque(self._rows), set()
            key = self._candidates.popleft()
            if key in self._rows and key not in (self._recent or ()):
                break
        del self[key]
        metrics.EVICTED.labels(self._name).inc()


class State:
    """The tables of one partition number of a stage."""

    def __init__(self, specs: Sequence[TableSpec[Any]]) -> None:
        self._tables: dict[str, Table[Any]] = {spec.name: Table(spec) for spec in specs}
        if len(self._tables) < len(specs):
            raise ValueError(f"two tables have one name: {sorted(spec.name for spec in specs)}")

    def __getitem__(self, spec: TableSpec[Value]) -> Table[Value]:
        return self._tables[spec.name]

    @property
    def changes(self) -> int:
        """How often anything was changed so far: to see whether a rule that refused a record had changed state."""
        return sum(table.changes for table in self._tables.values())

    def take_changes(self) -> list[Entry]:
        """Encode what changed in all tables since the last call."""
        return [entry for table in self._tables.values() for entry in table.take_changes()]

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take over one entry of the state topic; raise `StateUnreadable`."""
        name, _, rest = key.decode("utf-8", "replace").partition(SEPARATOR)
        try:
            self._tables[name].restore(rest, value)
        except MemoryError:  # of the machine, not of the entry: a restart helps
            raise
        except Exception as error:
            raise StateUnreadable(f"entry {key[:200]!r} of table {name!r}: {error!r}") from error
