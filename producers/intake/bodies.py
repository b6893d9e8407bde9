"""Take a body in, never more of it than is allowed, and take it apart into items."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final

import orjson

from producers.intake.limits import Limits, ReadingRoom
from producers.intake.problems import Problem, away

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
NDJSON: Final = frozenset(
    {"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}
)
JSON: Final = frozenset(
    {"application/json", "application/cloudevents+json", "application/cloudevents-batch+json", "text/json"}
)
_GZIP_WBITS = 31  # a gzip header and trailer, not zlib's own
_THREAD_FROM_BYTES = 262_144
"""What is packed and larger than this is unpacked in a thread: it would keep the others waiting."""


class Body:
    """Reads one body and holds its share of the room until it is closed."""

    __slots__ = ("_held", "_limits", "_room")

    def __init__(self, limits: Limits, room: ReadingRoom) -> None:
        self._limits = limits
        self._room = room
        self._held = 0

    async def read(self, receive: Receive, *, length: str | None, encoding: str | None) -> bytes:
        """The body, unpacked; raise `Problem` when it is too large, too slow, or packed in a way not known."""
        packed = _packed(encoding)
        if length is not None and length.isdecimal() and int(length[:18]) > self._limits.body_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.body_s):
                raw = await self._received(receive)
        except TimeoutError:
            raise Problem(
                408, "too_slow", f"the body was not there after {self._limits.body_s:g} s; send less at once"
            ) from None
        if not packed:
            return raw
        if len(raw) > _THREAD_FROM_BYTES:
            unpacked = await asyncio.to_thread(_unpacked, raw, self._limits.unpacked_bytes)
        else:
            unpacked = _unpacked(raw, self._limits.unpacked_bytes)
        self._hold(len(unpacked))
        return unpacked

    def close(self) -> None:
        """Give the room back."""
        self._room.leave(self._held)
        self._held = 0

    async def _received(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(400, "disconnected", "the sender went away before the end of the body")
            part = message.get("body", b"")
            if part:
                size += len(part)
                if size > self._limits.body_bytes:
                    raise self._too_large()
                self._hold(len(part))
                parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hold(self, size: int) -> None:
        if not self._room.enter(size):
            raise away("too many requests are being read at the moment", self._limits.retry_after_s)
        self._held += size

    def _too_large(self) -> Problem:
        return Problem(
            413, "too_large", f"at most {self._limits.body_bytes:,} bytes are taken in one request; send several"
        )


def _packed(encoding: str | None) -> bool:
    said = (encoding or "identity").strip().lower()
    if said in {"gzip", "x-gzip"}:
        return True
    if said in {"", "identity"}:
        return False
    raise Problem(415, "unknown_encoding", "Content-Encoding may be gzip, or left out")


def _unpacked(raw: bytes, most: int) -> bytes:
    """Unpack gzip of one or several members; stop as soon as it is more than ``most``."""
    parts: list[bytes] = []
    left, rest = most, raw
    while rest:
        unpacker = zlib.decompressobj(_GZIP_WBITS)
        try:
            part = unpacker.decompress(rest, left + 1)
        except zlib.error:
            raise Problem(400, "not_gzip", "Content-Encoding is gzip, the body is not") from None
        left -= len(part)
        if left < 0:
            raise Problem(413, "too_large", f"at most {most:,} bytes are taken after unpacking; send several requests")
        if not unpacker.eof:
            raise Problem(400, "not_gzip", "the gzip stream ends too early")
        parts.append(part)
        rest = unpacker.unused_data
    return b"".join(parts)


def items_of(body: bytes, content_type: str | None, limits: Limits) -> Sequence[bytes]:
    """Each item as JSON: the lines of NDJSON, the members of an array, or the one object; raise `Problem`."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind in NDJSON:
        return _few(_lines(body), limits)
    if kind in JSON:
        return _few(_members(body), limits)
    raise Problem(
        415,
        "unknown_content_type",
        "Content-Type has to be application/json for one event or an array, application/x-ndjson for one a line"
        + ("; curl needs -H 'Content-Type: application/json'" if kind == "application/x-www-form-urlencoded" else ""),
    )


def _lines(body: bytes) -> list[bytes]:
    return [line for line in body.split(b"\n") if line and not line.isspace()]


def _members(body: bytes) -> list[bytes]:
    start = body.lstrip(b" \t\r\n\xef\xbb\xbf")
    if not start.startswith(b"["):
        return [start] if start.strip() else []
    try:
        return [orjson.dumps(one) for one in orjson.loads(start)]
    except orjson.JSONDecodeError as error:
        raise Problem(400, "not_json", f"the array cannot be read: line {error.lineno} column {error.colno}") from None
    except (orjson.JSONEncodeError, RecursionError):
        raise Problem(400, "not_json", "the array holds what JSON cannot hold") from None


def _few(items: list[bytes], limits: Limits) -> list[bytes]:
    if not items:
        raise Problem(400, "empty", "the body holds no event")
    if len(items) > limits.items:
        raise Problem(413, "too_many_items", f"at most {limits.items:,} events are taken in one request; send several")
    return items
