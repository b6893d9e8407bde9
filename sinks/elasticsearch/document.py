"""What every document is: where it goes, its id, and its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.cloudevents import derived_id

ECS_VERSION = "8.17.0"
MAX_ID_BYTES = 512


@dataclass(frozen=True, slots=True)
class Document:
    """One document; ``id`` is the same for the same event, so a replay changes nothing.

    Without a ``version`` it is written once, to a data stream. With one it lives in an index of its own, replaced by
    whatever has a higher version, whichever comes first.
    """

    stream: str
    id: str
    body: bytes
    version: int | None = None

    @property
    def key(self) -> str:
        """The ``_id``: the id itself, or what is derived from it where it is longer than Elasticsearch takes."""
        return self.id if len(self.id.encode()) <= MAX_ID_BYTES else derived_id(self.id)


def encode(body: Mapping[str, Any]) -> bytes:
    """JSON without what is unknown."""
    return orjson.dumps(_without_unknown(body))


def _without_unknown(body: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is None or empty, at every level; attributes keep their own values."""
    kept: dict[str, Any] = {}
    for name, value in body.items():
        found = _without_unknown(value) if type(value) is dict and name != "attributes" else value
        if found is None or (not found and isinstance(found, dict | list)):
            continue
        kept[name] = found
    return kept
