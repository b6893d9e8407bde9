"""The OpenAPI document of the intake: written from the contracts' models, their examples, and the list of webhooks.

`producers.intake.documented` writes it to ``docs/intake-openapi.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from contracts.calls import GatewayCall
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.json_schema import example_file
from contracts.signals import Signal
from producers.intake.hooks.every import HOOKS
from producers.intake.limits import Limits

FILE: Final = Path(__file__).parents[2] / "docs" / "intake-openapi.json"
_MODELS: dict[str, type[Event]] = {"feedback": Feedback, "calls": GatewayCall, "signals": Signal}
_OURS: Final = frozenset({"tenant", "project", "environment"})
_REFS: Final = "#/components/schemas/{model}"
_ANSWERS: Final[dict[int, str]] = {
    400: "It cannot be read; send it otherwise",
    401: "No key, an unknown one, or a wrong signature",
    403: "The key is for another purpose",
    408: "The body took too long",
    413: "Too large; send several requests",
    415: "Content-Type or Content-Encoding is not taken",
    422: "Some items are not right: each is named with its index and field. Nothing of the request was taken",
    429: "Too many events a second; again after Retry-After seconds",
    503: "Kafka does not confirm it at the moment; again after Retry-After seconds",
}


def described(name: str, *, signed: bool = False, exporter: bool = False) -> dict[str, Any]:
    """What a path says of itself: its body, its answers and its key."""
    contract = _MODELS.get(name)
    hook = HOOKS.get(name)
    about = {"feedback": "Feedback of any channel", "calls": "API calls as a gateway saw them", "signals": "Signals"}
    return {
        "operation_id": f"take_{name}{'_signed' * signed}{'_as_exporter' * exporter}",
        "summary": about[name] if contract else f"{hook.title if hook else name}" + (", signed" if signed else ""),
        "description": _how(name, signed=signed),
        "tags": ["events" if contract else "webhooks"],
        "openapi_extra": {
            "requestBody": {"required": True, "content": _content(contract)},
            "security": [] if signed else [{"token": []}],
            **({"parameters": [_IDEMPOTENCY]} if contract else {}),
        },
        "responses": _responses(),
    }


_IDEMPOTENCY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "events of this request without an id get one that comes from this and their index",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def _how(name: str, *, signed: bool) -> str:
    hook = HOOKS.get(name)
    if hook is None:
        limits = Limits()
        return (
            "One event or an array (application/json), or one a line (application/x-ndjson), "
            f"at most {limits.items:,}; gzip may pack it. Tenant, project and environment come from the key. "
            "Answered when Kafka has everything."
        )
    return f"Set up: {hook.set_up}." + (" The request's signature is the proof, key_id names the key." * signed)


def _content(contract: type[Event] | None) -> dict[str, Any]:
    if contract is None:
        return {"application/json": {"schema": {"type": "object"}}}
    one = {"$ref": _REFS.format(model=contract.__name__)}
    example = _examples(contract)[0]
    batch = {"type": "array", "items": one, "minItems": 1, "maxItems": Limits().items}
    return {
        "application/json": {"schema": {"oneOf": [one, batch]}, "example": example},
        "application/x-ndjson": {"schema": {"type": "string"}, "example": json.dumps(example) + "\n"},
    }


def _examples(contract: type[Event]) -> list[dict[str, Any]]:
    """The contract's example messages without what comes from the key."""
    lines = example_file(contract).read_text(encoding="utf-8").splitlines()
    return [{name: said for name, said in json.loads(line).items() if name not in _OURS} for line in lines if line]


def _responses() -> dict[int | str, dict[str, Any]]:
    refused = {"application/problem+json": {"schema": {"$ref": _REFS.format(model="Problem")}}}
    taken = {"application/json": {"schema": {"$ref": _REFS.format(model="Accepted")}}}
    later = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
    said: dict[int | str, dict[str, Any]] = {202: {"description": "Kafka has every event", "content": taken}}
    for status, description in _ANSWERS.items():
        said[status] = {"description": description, "content": refused}
        if status in {429, 503}:
            said[status]["headers"] = later
    return said


def document(app: FastAPI) -> dict[str, Any]:
    """The whole document; made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title="Hypercare intake",
            version="1",
            description="Feedback, API calls and signals over HTTP. An answer of 2xx means that Kafka has the events.",
            routes=app.routes,
        )
        made["components"] = {"schemas": _schemas(), "securitySchemes": {"token": _TOKEN}}
        app.openapi_schema = made
    return app.openapi_schema


_TOKEN: Final = {"type": "http", "scheme": "bearer", "description": "made by `hypercare keys create`"}


def _schemas() -> dict[str, Any]:
    _, found = models_json_schema([(model, "validation") for model in _MODELS.values()], ref_template=_REFS)
    schemas: dict[str, Any] = found["$defs"]
    for model in _MODELS.values():
        schema = schemas[model.__name__]
        schema["properties"] = {name: said for name, said in schema["properties"].items() if name not in _OURS}
        derived = {"id"} if model is GatewayCall else {"id", "occurred_at"}
        schema["required"] = [name for name in schema.get("required", []) if name not in derived]
        schema["examples"] = _examples(model)[:2]
    text, number = {"type": "string"}, {"type": "integer", "minimum": 0}
    item = {"index": number, "reason": text, "field": text, "detail": text}
    schemas["Accepted"] = {
        "type": "object",
        "required": ["accepted", "ids"],
        "properties": {
            "accepted": number,
            "ids": {"type": "array", "items": text},
            "ignored": {"type": "object", "additionalProperties": number},
            "rejected": {"type": "array", "items": {"type": "object", "properties": item}},
        },
    }
    schemas["Problem"] = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": text,
            "title": text,
            "status": number,
            "detail": text,
            "wrong": number,
            "errors": {"type": "array", "items": {"type": "object", "properties": item}},
        },
    }
    return schemas
