"""Schemas as they were published, one folder a release, never changed; ``make keep-release`` adds one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from contracts.compatibility import Schema, broken_for_older_readers, broken_for_older_writers
from contracts.event import Event
from contracts.json_schema import schema_file, schema_of
from contracts.topics import EVENT_TYPES, SOURCES

FOLDER = Path(__file__).parent / "released"
WHAT_TO_DO = (
    "A released event type keeps its meaning. Add an optional field instead; or leave this type as it was, add the "
    "changed one as the next version beside it, and write both until the last older reader is gone."
)


def releases() -> Iterator[str]:
    """Every version that was published."""
    return (folder.name for folder in sorted(FOLDER.iterdir()))


def released_schemas(version: str) -> dict[str, Schema]:
    """Schemas of a release by CloudEvents type."""
    return {file.stem: json.loads(file.read_text()) for file in sorted((FOLDER / version).glob("*.json"))}


def written_by_others() -> frozenset[type[Event]]:
    """Types of the raw topics: older writers have to be understood, while all readers are ours and updated first."""
    return frozenset(event for topic in SOURCES if topic.raw for event in topic.events)


def broken_promises(version: str, today: Mapping[str, Schema]) -> list[str]:
    """What a release promised and ``today`` does not keep; see `WHAT_TO_DO`."""
    others = {event.ce_type for event in written_by_others()}
    found = []
    for name, released in released_schemas(version).items():
        if name not in today:
            found.append(f"{name}: gone")
            continue
        problems = broken_for_older_writers(released, today[name])
        if name not in others:
            problems += broken_for_older_readers(released, today[name])
        found += [f"{name}: {problem}" for problem in problems]
    return found


def todays_schemas() -> dict[str, Schema]:
    """Schemas that the models make now, by CloudEvents type."""
    return {event.ce_type: json.loads(schema_of(event)) for event in EVENT_TYPES}


def keep(version: str) -> None:
    """Publish the schemas of now under a version; raise `FileExistsError` when it was published before."""
    folder = FOLDER / version
    folder.mkdir(parents=True)
    for event in EVENT_TYPES:
        (folder / schema_file(event).name).write_text(schema_of(event))
