"""How programs of all ages put an event on Kafka: the modes of CloudEvents, bare JSON, and versions not yet written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Headers = Sequence[tuple[str, bytes]]
Written = tuple[Headers, bytes]
"""Headers and value of one record."""
Writer = Callable[[Mapping[str, Any], str], Written]
"""Writes the fields of an event of this CloudEvents type."""
SOURCE = "urn:example:sender"


def _headers(event: Mapping[str, Any], ce_type: str) -> list[tuple[str, bytes]]:
    said = {"specversion": "1.0", "id": event["id"], "source": SOURCE, "type": ce_type, "time": event["occurred_at"]}
    return [*((f"ce_{name}", text.encode()) for name, text in said.items()), ("content-type", b"application/json")]


def binary(event: Mapping[str, Any], ce_type: str) -> Written:
    """Attributes in headers."""
    return _headers(event, ce_type), json.dumps(event).encode()


def structured(event: Mapping[str, Any], ce_type: str) -> Written:
    """Attributes and event in one JSON object."""
    said = {"specversion": "1.0", "id": event["id"], "source": SOURCE, "type": ce_type, "data": event}
    return [("content-type", b"application/cloudevents+json; charset=UTF-8")], json.dumps(said).encode()


def plain(event: Mapping[str, Any], _: str) -> Written:
    """A JSON value, as gateways' own Kafka outputs write it."""
    return [], json.dumps(event).encode()


def nameless(event: Mapping[str, Any], ce_type: str) -> Written:
    """The id is in the headers alone."""
    return _headers(event, ce_type), json.dumps({k: v for k, v in event.items() if k != "id"}).encode()


def traced(event: Mapping[str, Any], ce_type: str) -> Written:
    """Headers in capitals, further ones of tracing and of extensions, one without a value worth reading."""
    further = [
        ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("ce_partitionkey", b"\xff"),
    ]
    headers, value = binary(event, ce_type)
    return [*((name.upper(), said) for name, said in headers), *further], value


def newer_minor(event: Mapping[str, Any], ce_type: str) -> Written:
    """A later version that only adds fields, at the top and within parts."""
    parts = {k: {**v, "added_later": [1]} if isinstance(v, dict) and k != "attributes" else v for k, v in event.items()}
    added = {"added_later": {"of": "any", "shape": None}, "added_text": "x"}
    headers = [*_headers(event, f"{ce_type}.7"), ("ce_dataschema", b"https://example.com/newer.json")]
    return headers, json.dumps({**parts, **added}).encode()


def newer_major(event: Mapping[str, Any], ce_type: str) -> Written:
    """A version that means something else: not to be guessed at."""
    return _headers(event, ce_type.removesuffix("v1") + "v2"), json.dumps(event).encode()


def newer_word(event: Mapping[str, Any], ce_type: str) -> Written:
    """A word that a closed list does not have yet."""
    name = "outcome" if "response" in event else "channel"
    return binary({**event, name: "added_later"}, ce_type)


UNDERSTOOD: Sequence[Writer] = (binary, structured, plain, nameless, traced, newer_minor)
"""Writers whose events are read like any other."""
REFUSED: Sequence[Writer] = (newer_major, newer_word)
