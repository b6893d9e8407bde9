"""The columns of a panel: what documents are put together by, and what is counted or measured of them.

Sources of the operations and their parameters: elastic/kibana, ``x-pack/platform/plugins/shared/lens``,
``form_based/operations/definitions``, as of 8.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sinks.kibana.conditions import Condition

Operation = Literal["count", "sum", "average", "min", "max", "unique_count", "percentile", "last_value"]
FieldType = Literal["number", "string", "date", "boolean"]
TIME = "@timestamp"
Bands = tuple[tuple[float, str], ...]
"""Where a number begins to have a colour, from the lowest on."""
MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@dataclass(frozen=True, slots=True)
class Format:
    """How a number is written; ``percent`` expects 0..1."""

    id: Literal["number", "percent", "bytes"] = "number"
    decimals: int = 0
    suffix: str = ""

    def lens(self) -> dict[str, Any]:
        """As a column of Lens says it."""
        suffix = {"suffix": self.suffix} if self.suffix else {}
        return {"id": self.id, "params": {"decimals": self.decimals, **suffix}}

    def field(self) -> dict[str, Any]:
        """As a data view says it, for lists and for columns without a format of their own."""
        digits = f"0,0.[{'0' * self.decimals}]" if self.decimals else "0,0"
        pattern = {"percent": f"{digits}%", "bytes": f"{digits}b"}.get(self.id, digits)
        return {"id": self.id, "params": {"pattern": pattern}}

    def text(self, value: float) -> str:
        """As a person reads it; bytes in decimal units."""
        if self.id == "percent":
            return f"{100 * value:,.{self.decimals}f} %"
        if self.id == "bytes":
            return _bytes(value, self.decimals)
        return f"{value:,.{self.decimals}f}{self.suffix}"


def _bytes(value: float, decimals: int) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(value) >= size:
            return f"{value / size:,.{decimals}f} {unit}"
    return f"{value:,.{decimals}f} B"


COUNT, PERCENT = Format(), Format("percent", 2)
MILLISECONDS, MINUTES, DOLLARS = Format(suffix=" ms"), Format(suffix=" min"), Format(decimals=2, suffix=" $")
SECONDS, HOURS = Format(decimals=1, suffix=" s"), Format(decimals=1, suffix=" h")
POINTS, SHARE = Format(decimals=1), Format("percent", 0)


@dataclass(frozen=True, slots=True)
class Number:
    """One measure of a group of documents.

    ``count`` is of documents, with a ``field`` of its values. ``where`` takes only some of them; ``shift`` those of an
    earlier time, such as ``1w``, drawn at the later one. ``last_value`` is that of the latest document by ``by_time``;
    ``kind`` is the field's type, text being ``string``. With ``bands`` a large number, a cell of a table or of a heat
    map has a colour; without, it has none, since a number alone is neither good nor bad.
    """

    label: str
    operation: Operation = "count"
    field: str = ""
    where: Condition | None = None
    format: Format = COUNT
    percent: int = 95
    shift: str = ""
    by_time: str = TIME
    kind: FieldType = "number"
    colour: str = ""
    bands: Bands = ()

    def colour_of(self, value: float) -> str:
        """That of the last band which begins at or below a value; none without bands."""
        return next((colour for begin, colour in reversed(self.bands) if value >= begin), "")

    @property
    def shift_ms(self) -> int:
        """How far back it looks, in milliseconds."""
        return int(self.shift[:-1]) * MS[self.shift[-1]] if self.shift else 0


@dataclass(frozen=True, slots=True)
class Terms:
    """The most frequent values of a field, or those where the number at ``by`` of the panel is largest.

    With ``by`` None they stand in the order of the alphabet.
    """

    label: str
    field: str
    size: int = 10
    by: int | None = 0
    ascending: bool = False
    kind: FieldType = "string"


@dataclass(frozen=True, slots=True)
class Times:
    """Steps of time; ``auto`` follows from the range that is looked at."""

    label: str = "Time"
    field: str = TIME
    interval: str = "auto"


@dataclass(frozen=True, slots=True)
class Filters:
    """Named groups, each with its own condition."""

    label: str
    groups: tuple[tuple[str, Condition], ...]


Bucket = Terms | Times | Filters
