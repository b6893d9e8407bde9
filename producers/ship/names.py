"""The name of a file for the ids of its lines: the same again wherever it is moved, packed or read anew.

It comes from the first line, which in most logs has a time. Where files of one log begin with the same title, the line
after the title has to tell them; where that is the same, too, they are counted.
"""

from __future__ import annotations

from collections.abc import Collection
from hashlib import blake2b

from contracts.errors import Rejected
from producers.ship.heads import HEAD_BYTES
from producers.ship.positions import Position
from producers.ship.source import Source

TITLE_BYTES = 65_536
"""More than any title has; what is longer is no title."""
COMMENT = b"#"
"""How lines of a title begin after its first, in the logs that have several."""


def title_of(start: bytes) -> str:
    """Digest of the first line, to know files by that begin with the same."""
    return blake2b(_first_line(start), digest_size=8).hexdigest()


def name_of(
    host: str, log: str, source: Source, start: bytes, known: Collection[Position], *, whole: bool
) -> str | None:
    """Name of a file that is not among the ``known`` ones; None while only its title is there and more may come."""
    taken = {position.identity for position in known}
    alone, title = _name(host, log, _first_line(start)), title_of(start)
    if alone not in taken and all(position.title != title for position in known if position.log == log):
        return alone
    after = _after_title(source)
    if after is None and not whole:
        return None
    return _counted(host, log, (_first_line(start), *(() if after is None else (after,))), taken)


def _counted(host: str, log: str, said: tuple[bytes, ...], taken: Collection[str]) -> str:
    number = 0
    while (name := _name(host, log, *said, number=number)) in taken:
        number += 1
    return name


def _name(host: str, log: str, *said: bytes, number: int = 0) -> str:
    parts = (host.encode(), log.encode("utf-8", "surrogateescape"), *said, str(number).encode())
    return blake2b(b"\x1f".join(parts), digest_size=12).hexdigest()


def _first_line(start: bytes) -> bytes:
    return start[:HEAD_BYTES].split(b"\n", 1)[0]


def _after_title(source: Source) -> bytes | None:
    """The first whole line after the first one that is no comment; None where there is none yet."""
    try:
        *lines, _ = source.read(TITLE_BYTES, 0).split(b"\n")
    except Rejected:
        return None
    return next((line[:HEAD_BYTES] for line in lines[1:] if line and not line.startswith(COMMENT)), None)
