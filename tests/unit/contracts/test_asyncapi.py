"""The AsyncAPI document says what the catalogue says, and everything it refers to is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from contracts.asyncapi import FILE, document
from contracts.topics import EVENT_TYPES, SOURCES

DOCUMENT = json.loads(document())


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_file_is_what_the_catalogue_says() -> None:
    assert FILE.read_text() == document(), "run: make schemas"


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        file, _, pointer = reference.partition("#/")
        if file:
            assert (FILE.parent / file).is_file(), reference
        part = DOCUMENT
        for step in pointer.split("/") if pointer else ():
            part = part[step]


def test_every_topic_is_a_channel_with_its_messages_and_its_kafka_settings() -> None:
    assert DOCUMENT["channels"].keys() == {topic.name for topic in SOURCES}
    assert DOCUMENT["components"]["messages"].keys() == {event.ce_type for event in EVENT_TYPES}
    for topic in SOURCES:
        channel = DOCUMENT["channels"][topic.name]
        assert channel["messages"].keys() == {event.ce_type for event in topic.events}
        told = channel["bindings"]["kafka"]["topicConfiguration"]
        assert {name: str(value if name != "cleanup.policy" else value[0]) for name, value in told.items()} == {
            name: value for name, value in topic.config().items() if name in told
        }


def test_raw_topics_are_received_and_the_others_sent() -> None:
    actions = {said["channel"]["$ref"]: said["action"] for said in DOCUMENT["operations"].values()}
    assert actions == {f"#/channels/{topic.name}": "receive" if topic.raw else "send" for topic in SOURCES}
