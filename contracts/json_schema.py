"""JSON Schema files of every event, written from the models: ``python -m contracts.json_schema``."""

from __future__ import annotations

import json
from pathlib import Path

from contracts.event import Event
from contracts.topics import EVENT_TYPES

FOLDER = Path(__file__).parent / "schemas"
EXAMPLES = Path(__file__).parent / "examples"


def schema_of(event: type[Event]) -> str:
    """One event type as JSON Schema 2020-12 text."""
    schema = event.model_json_schema(mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{event.ce_type}.json"}
    return json.dumps(head | schema, indent=2, sort_keys=False) + "\n"


def schema_file(event: type[Event]) -> Path:
    """Where the schema of an event type stands."""
    return FOLDER / f"{event.ce_type}.json"


def example_file(event: type[Event]) -> Path:
    """Where the example messages of an event type stand, one JSON object a line."""
    return EXAMPLES / f"{event.ce_type}.ndjson"


def main() -> None:
    """Write every schema file."""
    FOLDER.mkdir(exist_ok=True)
    for event in EVENT_TYPES:
        schema_file(event).write_text(schema_of(event))


if __name__ == "__main__":
    main()
