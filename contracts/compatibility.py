"""Whether one JSON Schema takes all that another takes: what keeps older writers and readers alive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

Schema = Mapping[str, Any]

ANY: Schema = {}
NOTHING: Schema = {"not": {}}
_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_NOT_LIMITS = {"$schema", "$id", "$defs", "$ref", "title", "description", "default", "examples", "deprecated"}
_COMPARED = {
    *_UPPER,
    *_LOWER,
    *("type", "enum", "const", "anyOf", "oneOf", "required", "properties"),
    *("additionalProperties", "propertyNames", "items"),
}


def broken_for_older_writers(released: Schema, today: Schema) -> list[str]:
    """What an older writer may send and is no longer understood, as "place: what"; a field that is gone included."""
    return list(_Comparison(released, today, gone_matters=True).narrowed("", released, today))


def broken_for_older_readers(released: Schema, today: Schema) -> list[str]:
    """What may be sent today and an older reader refuses, as "place: what"; it ignores fields that it does not know."""
    return [
        f"{problem} (for an older reader)" for problem in _Comparison(today, released).narrowed("", today, released)
    ]


@dataclass(frozen=True)
class _Comparison:
    """Walks two schemas side by side; whatever it cannot judge has to stay as it was.

    Keywords: JSON Schema 2020-12, validation and applicator vocabularies, as far as the models use them. Any other
    keyword counts as narrowed when the second schema has it and the first has not the same.
    """

    first: Schema
    second: Schema
    gone_matters: bool = False
    under_way: tuple[tuple[str, str], ...] = ()
    """Pairs of definitions that are being compared: a tree may refer to itself."""

    def narrowed(self, place: str, one: Schema, other: Schema) -> Iterator[str]:
        """What ``one`` takes and ``other`` may not."""
        refs = (one.get("$ref", ""), other.get("$ref", ""))
        if any(refs):
            if refs not in self.under_way:
                deeper = _Comparison(self.first, self.second, self.gone_matters, (*self.under_way, refs))
                yield from deeper.narrowed(place, _resolved(one, self.first), _resolved(other, self.second))
            return
        takers = _alternatives(other)
        for alternative in _alternatives(one):
            found = [list(self._alternative(place, alternative, taker)) for taker in takers]
            yield from min(found, key=len)

    def _alternative(self, place: str, one: Schema, other: Schema) -> Iterator[str]:
        if "$ref" in one or "$ref" in other:
            yield from self.narrowed(place, one, other)
            return
        if not _type_fits(one.get("type"), other.get("type")):
            yield f"{place or 'the event'}: no longer takes {one.get('type', 'any type')}"
            return
        yield from _values(place, one, other)
        yield from _limits(place, one, other)
        yield from self._fields(place, one, other)
        for name, kept in (("items", "[]"), ("additionalProperties", ".*"), ("propertyNames", " (names)")):
            yield from self._inner(place + kept, _part(one, name), _part(other, name))

    def _inner(self, place: str, one: Schema, other: Schema) -> Iterator[str]:
        if other == ANY:
            return
        if NOTHING not in (one, other):
            yield from self.narrowed(place, one, other)
        elif one != NOTHING:
            yield f"{place}: no longer taken"

    def _fields(self, place: str, one: Schema, other: Schema) -> Iterator[str]:
        before, after = one.get("properties", {}), other.get("properties", {})
        for name in sorted(set(other.get("required", ())) - set(one.get("required", ()))):
            yield f"{_within(place, name)}: required, and may be left out"
        for name, schema in before.items():
            if name in after:
                yield from self.narrowed(_within(place, name), schema, after[name])
            elif self.gone_matters:
                yield f"{_within(place, name)}: gone"


def _resolved(schema: Schema, root: Schema) -> Schema:
    found: Schema = schema
    if "$ref" in schema:
        found = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
    return found


def _alternatives(schema: Schema) -> Sequence[Schema]:
    several = schema.get("anyOf") or schema.get("oneOf")
    return several or (schema,)


def _part(schema: Schema, name: str) -> Schema:
    found = schema.get(name, ANY)
    if isinstance(found, bool):  # JSON Schema 2020-12, section 4.3.2
        return ANY if found else NOTHING
    return cast("Schema", found)


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _type_fits(one: str | None, other: str | None) -> bool:
    return other is None or one == other or (one, other) == ("integer", "number")


def _values(place: str, one: Schema, other: Schema) -> Iterator[str]:
    kept, found = ([s["const"]] if "const" in s else s.get("enum") for s in (other, one))
    if kept is not None and found is None:
        yield f"{place}: takes only {', '.join(map(str, kept))}"
    elif kept is not None:
        for value in found or ():
            if value not in kept:
                yield f"{place}: no longer takes {value!r}"


def _limits(place: str, one: Schema, other: Schema) -> Iterator[str]:
    for names, sign in ((_UPPER, 1), (_LOWER, -1)):
        for name in names:
            if name in other and (name not in one or sign * one[name] > sign * other[name]):
                yield f"{place}: {name} is {other[name]}, was {one.get(name, 'open')}"
    for name in sorted(other.keys() - _COMPARED - _NOT_LIMITS):
        if other[name] != one.get(name):
            yield f"{place}: {name} is {other[name]!r}, was {one.get(name, 'open')!r}"
