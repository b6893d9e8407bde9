"""What the ledger keeps: sources, calendars and contributions, and how they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contracts.windows import WindowSums
from processors.runtime.tables import TableSpec, table_of


@dataclass(slots=True)
class Source:
    """What is known of one partition of calls; times in milliseconds since 1970.

    ``awaited``: its reader speaks of the project again, at the latest when it has read everything.
    """

    generation: int
    flush: str = ""
    read_until: int = 0
    committed: int = 0
    low_ms: int = 0
    heard_ms: int = 0
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one reader added, and when Kafka had it, in milliseconds since 1970."""

    sums: WindowSums
    heard_ms: int


@dataclass(slots=True)
class Calendar:
    """When a project was last heard of, in milliseconds; until when its windows are closed, in seconds since 1970."""

    heard_ms: int = 0
    closed_until: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """Sums to add to (1) or take from (-1) a window that has closed."""

    sums: WindowSums
    sign: int


def _encode_contribution(value: Contribution) -> bytes:
    return b"%d\n" % value.heard_ms + value.sums.encode()


def _decode_contribution(value: bytes) -> Contribution:
    heard_ms, _, sums = value.partition(b"\n")
    return Contribution(WindowSums.model_validate_json(sums), int(heard_ms))


SOURCES = table_of(Source, "sources", capacity=20_000)
CALENDARS = table_of(Calendar, "calendars", capacity=1_000)
CONTRIBUTIONS: TableSpec[Contribution] = TableSpec(
    "contributions", encode=_encode_contribution, decode=_decode_contribution, capacity=100_000
)
TABLES: tuple[TableSpec[Any], ...] = (SOURCES, CALENDARS, CONTRIBUTIONS)


def project_of(sums: WindowSums) -> str:
    """The name under which windows are kept: ``tenant/project/environment``, and ``/import`` where they are of one."""
    return f"{sums.place}/{sums.origin.replace('|', '_')}" if sums.origin else sums.place


def is_import(project: str) -> bool:
    """Whether a name is that of an import."""
    return project.count("/") > 2  # noqa: PLR2004 - the slashes of tenant/project/environment
