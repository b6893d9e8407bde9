"""Which dead letters were replayed: a receipt for each, on a topic of its own, kept longer than any letter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import orjson

from contracts.errors import Stop
from contracts.topics import REPLAYS
from hypercare.byte_writer import ByteWriter
from hypercare.topic_reader import Place, TopicReader


def replayed(reader: TopicReader, letters: Iterable[Place], *, prefix: str = "") -> dict[Place, str]:
    """Those of the letters that have a receipt, with the place that the newest one names."""
    wanted = {str(place).encode(): place for place in letters}
    partitions = reader.partitions(prefix + REPLAYS.name)
    if not wanted or not partitions:
        return {}
    spans = {part: reader.span(part) for part in partitions}
    starts = {part: low for part, (low, _) in spans.items()}
    found: dict[Place, str] = {}
    for record in reader.read(starts, {part: high for part, (_, high) in spans.items()}):
        if record.key in wanted:
            found[wanted[record.key]] = _target(record.value)
    return found


def check_topic(reader: TopicReader, prefix: str) -> None:
    """Raise `Stop` when receipts cannot be kept."""
    if not reader.partitions(prefix + REPLAYS.name):
        raise Stop(f"The topic {prefix}{REPLAYS.name} is missing.", fix="make it with `hypercare topics apply`")


def write(writer: ByteWriter, letters: Iterable[tuple[Place, str]], at: datetime, *, prefix: str = "") -> None:
    """Keep a receipt for each letter and the place where it went; raise `Stop` when one could not be kept."""
    refused: list[str] = []

    def then(place: str, error: str) -> None:
        if not place:
            refused.append(error)

    for letter, to in letters:
        value = orjson.dumps({"letter": str(letter), "to": to, "at": at.isoformat()})
        writer.write(prefix + REPLAYS.name, str(letter).encode(), value, [], then)
    writer.flush()
    if refused:
        raise Stop(
            f"{len(refused)} dead letters were replayed, but that could not be noted: {refused[0]}",
            fix="mend Kafka; replaying them again is harmless, their ids are the same",
        )


def _target(value: bytes | None) -> str:
    try:
        said = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return "?"
    return str(said.get("to", "?")) if isinstance(said, dict) else "?"
