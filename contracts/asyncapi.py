"""One AsyncAPI 3 document of all topics with Kafka bindings, written by ``python -m contracts.asyncapi``.

Sources: AsyncAPI 3.0.0; Kafka bindings 0.5.0; CloudEvents Kafka protocol binding 1.0.2, section 3.2.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from contracts.event import Event
from contracts.json_schema import schema_file
from contracts.topic import Topic
from contracts.topics import EVENT_TYPES, SOURCES

FILE = Path(__file__).parent / "asyncapi.json"
BINDINGS = "0.5.0"
JSON_SCHEMA = "application/schema+json;version=2020-12"
HEADERS = "cloudEvent"
CONTRACT_VERSION = "1"
"""The major version that topics and event types carry in their names."""


def document() -> str:
    """The whole document as JSON, which is YAML too."""
    said = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hypercare",
            "version": CONTRACT_VERSION,
            "description": "Feedback and calls in, what was understood of them out. Binary mode is what our stages "
            "write; structured mode and, on raw topics, bare JSON are read too.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in SOURCES},
        "operations": {f"{_action(topic)}.{topic.name}": _operation(topic) for topic in SOURCES},
        "components": {
            "messages": {event.ce_type: _message(event) for event in EVENT_TYPES},
            "messageTraits": {HEADERS: {"headers": _headers()}},
        },
    }
    return json.dumps(said, indent=2) + "\n"


def _channel(topic: Topic) -> dict[str, Any]:
    settings = topic.config()
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {event.ce_type: {"$ref": f"#/components/messages/{event.ce_type}"} for event in topic.events},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [settings["cleanup.policy"]],
                    **({} if topic.compacted else {"retention.ms": topic.retention_ms}),
                    "max.message.bytes": topic.max_message_bytes,
                },
                "bindingVersion": BINDINGS,
            }
        },
    }


def _action(topic: Topic) -> str:
    return "receive" if topic.raw else "send"


def _operation(topic: Topic) -> dict[str, Any]:
    return {
        "action": _action(topic),
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": f"written by: {topic.written_by}; read by: {topic.read_by}",
    }


def _message(event: type[Event]) -> dict[str, Any]:
    topic = next(topic for topic in SOURCES if event in topic.events)
    return {
        "name": event.ce_type,
        "summary": (event.__doc__ or "").partition("\n")[0],
        "contentType": "application/json",
        "traits": [{"$ref": f"#/components/messageTraits/{HEADERS}"}],
        "payload": {"schemaFormat": JSON_SCHEMA, "schema": {"$ref": f"./schemas/{schema_file(event).name}"}},
        "bindings": {
            "kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": BINDINGS},
        },
    }


def _headers() -> dict[str, Any]:
    texts = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type")
    return {"type": "object", "properties": {name: {"type": "string"} for name in texts}}


if __name__ == "__main__":
    FILE.write_text(document())
