"""What becomes of each webhook's samples, as text. Write anew with ``python -m tests.unit.intake.golden_results``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson

from contracts.dead_letters import Headers, described
from producers.intake.hooks.every import HOOKS
from tests.unit.intake.desk import Desk, key

HERE = Path(__file__).parent
MAPPING = {
    "event": "feedback",
    "items": "batch.tickets",
    "fields": {
        "id": "no",
        "text": "body",
        "occurred_at": "when",
        "rating.value": "stars",
        "reporter.pseudonym": "who.mail",
        "attributes.plan": "plan",
    },
    "constants": {"channel": "ticket", "rating.scale": "stars"},
}


def samples(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / "samples" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def body_of(sample: dict[str, Any]) -> bytes:
    return sample["body"].encode() if isinstance(sample["body"], str) else orjson.dumps(sample["body"])


def desk_for(name: str) -> Desk:
    return Desk(key((name,), mapping=MAPPING if name == "generic" else {}))


def result_of(name: str) -> str:
    found = []
    for sample in samples(name):
        desk = desk_for(name)
        answer = desk.send(f"/v1/hooks/{name}", body_of(sample), **sample.get("headers", {}))
        events = [m for m in desk.outlet.messages if not m.topic.endswith(".dlq")]
        letters = [described(as_read(m.headers)) for m in desk.outlet.messages if m.topic.endswith(".dlq")]
        found.append(
            {
                "says": sample["says"],
                "answer": [answer.status_code, answer.json()],
                "events": [_shown(orjson.loads(message.value)) for message in events],
                "dead_letters": [f"{letter['topic']}: {letter['reason']}" for letter in letters],
            }
        )
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def as_read(headers: Headers) -> list[tuple[str, bytes | None]]:
    return [(name, said.encode() if isinstance(said, str) else said) for name, said in headers]


def golden_file(name: str) -> Path:
    return HERE / "golden" / f"{name}.json"


def _shown(said: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in said.items() if part not in ({}, [], None)}


def main() -> None:
    for name in HOOKS:
        golden_file(name).write_text(result_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
