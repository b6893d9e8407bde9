"""Values as OTLP writes them in JSON: attributes as lists of typed values, 64-bit numbers as texts, ids as hex."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

_SCALARS = (
    "stringValue",
    "intValue",
    "boolValue",
    "doubleValue",
    "string_value",
    "int_value",
    "bool_value",
    "double_value",
)
_LISTS = ("arrayValue", "array_value")
MAX_ATTRIBUTES_READ = 512
"""More attributes on one span are a mistake of its sender; the first are read."""


def attributes_of(owner: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a resource or span as a plain object; what is neither scalar nor list of scalars is left out."""
    listed = owner.get("attributes")
    if isinstance(listed, dict):  # some exporters write a plain object
        return {name: value for name, value in listed.items() if not isinstance(value, dict)}
    found: dict[str, Any] = {}
    for one in listed[:MAX_ATTRIBUTES_READ] if isinstance(listed, list) else ():
        if isinstance(one, dict) and isinstance(one.get("key"), str):
            value = _value(one.get("value"))
            if value is not None:
                found.setdefault(one["key"], value)
    return found


def objects(owner: Mapping[str, Any], *names: str) -> Iterator[dict[str, Any]]:
    """The objects in a list, whatever the spelling of its name."""
    for name in names:
        listed = owner.get(name)
        if isinstance(listed, list):
            yield from (one for one in listed if isinstance(one, dict))


def hexadecimal(value: object) -> str | None:
    """A trace or span id; older exporters write it in base64."""
    if not isinstance(value, str):
        return None
    if value.endswith("="):
        try:
            return base64.b64decode(value, validate=True).hex()
        except (binascii.Error, ValueError):
            return None
    return value


def _value(value: object) -> Any:
    if not isinstance(value, dict):
        return value if isinstance(value, str | int | float) else None
    for kind in _SCALARS:
        if kind in value:
            return value[kind]
    for kind in _LISTS:
        if isinstance(value.get(kind), dict):
            listed = value[kind].get("values")
            return [_value(one) for one in listed[:MAX_ATTRIBUTES_READ]] if isinstance(listed, list) else None
    return None
