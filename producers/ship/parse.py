"""From a block of lines to what is sent: a pure function, so that other processes can do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from contracts.cloudevents import check_storable, rfc3339
from contracts.dead_letters import DeadLetter, Headers
from contracts.errors import Rejected, Stop
from contracts.limits import MAX_EVENT_BYTES
from producers.adapters.adapter import Adapter, Place
from producers.adapters.bundles import unbundled
from producers.adapters.contract import CONTRACT_FEEDBACK, CONTRACT_SIGNALS
from producers.adapters.detect import adapter_named, detect
from producers.files import Line, source_name
from producers.importing import TOPIC_OF_KIND, Kind
from producers.ship.block import Block

FIRST_REJECTIONS = 3
SAMPLE_LINES = 200
UNKNOWN = "unknown_format"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom the events belong to, and how they are read; without ``format`` it is found out, again when it changes."""

    kind: Kind = "calls"
    tenant: str = "default"
    project: str = "default"
    environment: str = "production"
    format: str = ""

    @property
    def topic(self) -> str:
        """Where the events go."""
        return TOPIC_OF_KIND[self.kind].name


class Encoded(NamedTuple):
    """One event, encoded."""

    value: bytes
    id: bytes
    time: bytes
    key: bytes | None


@dataclass(slots=True)
class Parsed:
    """What a block holds; ``adapter`` is the format it was read in."""

    adapter: str
    events: list[Encoded] = field(default_factory=list)
    letters: list[tuple[bytes | None, Headers]] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    first_rejections: list[tuple[int, str, str]] = field(default_factory=list)

    def reject(self, letter: DeadLetter) -> None:
        """Keep a line that cannot be read, and the first few to show."""
        self.reasons[letter.reason] += 1
        if len(self.first_rejections) < FIRST_REJECTIONS:
            self.first_rejections.append((letter.line, letter.reason, letter.detail))
        self.letters.append((letter.value, letter.message_headers()))


def parse_block(block: Block, owner: Owner, adapter: str, origin: str, now: datetime) -> Parsed:
    """Read every line of a block; what cannot be read is a dead letter with its file, line and reason."""
    named = owner.format or adapter or _found(block, owner)
    parsed = _parsed(block, owner, named, origin, now)
    if parsed.letters and not parsed.events and not owner.format and named == adapter:
        other = _found(block, owner)
        if other and other != named:  # the log changed its format
            return _parsed(block, owner, other, origin, now)
    return parsed


@lru_cache(maxsize=16)
def adapter_of(kind: Kind, name: str) -> Adapter:
    """Adapter of a kind by its name; raise `Stop` when there is none."""
    if kind == "calls":
        return adapter_named(name)
    adapter: Adapter = CONTRACT_FEEDBACK if kind == "feedback" else CONTRACT_SIGNALS
    if name != adapter.name:
        raise Stop(f"{kind} are shipped in our own contract, not as {name!r}", fix="leave --format out")
    return adapter


def _found(block: Block, owner: Owner) -> str:
    if owner.kind != "calls":
        return CONTRACT_FEEDBACK.name
    try:
        return detect([line.data for _, line in islice(_lines(block), SAMPLE_LINES)], block.path).adapter.name
    except Stop:
        return ""


def _parsed(block: Block, owner: Owner, named: str, origin: str, now: datetime) -> Parsed:
    parsed = Parsed(named)
    adapter = adapter_of(owner.kind, named) if named else None
    lines = _lines(block)
    for number, line in unbundled_at(lines, adapter) if adapter else ((at, line) for at, line in lines):
        try:
            parsed.events.append(_encoded(number, line, block, owner, adapter))
        except Rejected as refused:
            source = block.path if block.records else source_name(block.path)
            letter = DeadLetter.of_input(
                refused, line.data, topic=owner.topic, stage="ship", at=now, source=source, line=number, origin=origin
            )
            parsed.reject(letter)
    return parsed


def unbundled_at(lines: Iterator[tuple[int, Line]], adapter: Adapter) -> Iterator[tuple[int, Line]]:
    """Every record with the number of its line; ``Line.number`` is the place in bytes."""
    for number, line in lines:
        for record in unbundled(iter((line,)), adapter):
            yield number, record


def _lines(block: Block) -> Iterator[tuple[int, Line]]:
    """Lines that are not blank, with their numbers from 1; NULs before one are the hole a truncated log begins with."""
    if block.fault:
        yield block.line + 1, Line(block.start, block.data, Rejected(*block.fault))
        return
    if block.records:
        for offset, value in block.records:
            fault = Rejected("null_value", "a record without a value") if value is None else None
            yield offset, Line(offset, value or b"", fault)
        return
    at, number = block.start, block.line
    for data in block.data.removesuffix(b"\n").split(b"\n"):
        number += 1
        said = data.strip(b"\x00")
        if said.strip():
            yield number, Line(at, said)
        at += len(data) + 1


def _encoded(number: int, line: Line, block: Block, owner: Owner, adapter: Adapter | None) -> Encoded:
    if line.fault:
        raise line.fault
    if adapter is None:
        raise Rejected(UNKNOWN, f"line {number}: no known format fits it or its neighbours")
    place = Place(block.identity, line.number, owner.tenant, owner.project, owner.environment, line.part)
    event = adapter.parse(line.data, place)
    value = event.encode()
    if len(value) > MAX_EVENT_BYTES:
        raise Rejected("too_large", f"{len(value)} bytes, at most {MAX_EVENT_BYTES} are taken")
    check_storable(value)
    key = event.key if TOPIC_OF_KIND[owner.kind].key == "tenant/project" else None
    return Encoded(value, event.id.encode(), rfc3339(event.occurred_at).encode(), key)
