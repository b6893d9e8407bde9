"""Keeps a release for ever: its schemas, and messages with what is read from them: ``make keep-release``."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.cloudevents import open_envelope, read_event
from contracts.errors import Rejected
from contracts.event import Event
from contracts.json_schema import example_file
from contracts.released import FOLDER as SCHEMAS
from contracts.released import keep
from contracts.topics import EVENT_TYPES
from tests.golden.writers import REFUSED, UNDERSTOOD, Headers

MESSAGES = Path(__file__).parent / "messages"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
ALREADY = "version {} is kept already, and what is kept never changes: raise the version in pyproject.toml"


@dataclass(frozen=True)
class Golden:
    """A message as it stood on Kafka; it ``reads`` as these fields, or is refused for this reason."""

    version: str
    ce_type: str
    writer: str
    headers: Headers
    value: bytes
    reads: Any


def read(event: type[Event], headers: Headers, value: bytes) -> Any:
    """What is read from a message: the fields of the event, or the reason why it is refused."""
    try:
        return json.loads(read_event(open_envelope(value, headers), event).encode())
    except Rejected as refused:
        return refused.reason


def golden_messages() -> Iterator[Golden]:
    """Every message that was ever kept."""
    for file in sorted(MESSAGES.glob("*/*.ndjson")):
        for line in file.read_text().splitlines():
            said = json.loads(line)
            headers = [(name, text.encode("latin-1")) for name, text in said["headers"]]
            yield Golden(file.parent.name, file.stem, said["writer"], headers, said["value"].encode(), said["reads"])


def version_of_today() -> str:
    """The version that pyproject.toml names."""
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])


def digest(version: str) -> str:
    """Hash over everything that is kept of a release: names and contents."""
    found = hashlib.sha256()
    for folder in (SCHEMAS / version, MESSAGES / version):
        for file in sorted(folder.iterdir()):
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _messages(event: type[Event]) -> Iterator[str]:
    for line in example_file(event).read_text().splitlines():
        for writer in (*UNDERSTOOD, *REFUSED):
            headers, value = writer(json.loads(line), event.ce_type)
            yield json.dumps(
                {
                    "writer": writer.__name__,
                    "headers": [(name, said.decode("latin-1")) for name, said in headers],
                    "value": value.decode(),
                    "reads": read(event, headers, value),
                },
                ensure_ascii=False,
            )


def main() -> None:
    """Keep what is written today under the version of today."""
    version = version_of_today()
    if (MESSAGES / version).exists():
        raise SystemExit(ALREADY.format(version))
    keep(version)
    (MESSAGES / version).mkdir(parents=True)
    for event in EVENT_TYPES:
        (MESSAGES / version / f"{event.ce_type}.ndjson").write_text("\n".join(_messages(event)) + "\n")
    print(f'now add to KEPT in tests/unit/contracts/test_versions.py:\n    "{version}": "{digest(version)}",')  # noqa: T201


if __name__ == "__main__":
    main()
