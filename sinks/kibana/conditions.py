"""Which documents are meant: one value, written as Kibana's query language and as Elasticsearch's query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = str | bool | int | float


@dataclass(frozen=True, slots=True)
class Is:
    """The field has one of these values."""

    field: str
    values: tuple[Value, ...]

    @property
    def kql(self) -> str:
        """As a person could type it."""
        said = " or ".join(_literal(value) for value in self.values)
        return f"{self.field}: {said}" if len(self.values) == 1 else f"{self.field}: ({said})"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"terms": {self.field: list(self.values)}}


@dataclass(frozen=True, slots=True)
class Begins:
    """The keyword begins with this text, which has letters, digits, ``_`` and ``-`` only."""

    field: str
    text: str

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return f"{self.field}: {self.text}*"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"prefix": {self.field: {"value": self.text}}}


@dataclass(frozen=True, slots=True)
class Has:
    """The field has any value."""

    field: str

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return f"{self.field}: *"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"exists": {"field": self.field}}


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The field's value is this or more; a time may be relative to now, such as ``now-4h``."""

    field: str
    value: str | float

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return f"{self.field} >= {_literal(self.value)}"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"range": {self.field: {"gte": self.value}}}


@dataclass(frozen=True, slots=True)
class Below:
    """The field's value is less than this; a time may be relative to now."""

    field: str
    value: str | float

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return f"{self.field} < {_literal(self.value)}"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"range": {self.field: {"lt": self.value}}}


@dataclass(frozen=True, slots=True)
class Not:
    """None of the documents that ``of`` means."""

    of: Condition

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return f"not ({self.of.kql})"

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"bool": {"must_not": [self.of.dsl]}}


@dataclass(frozen=True, slots=True)
class All:
    """Documents that every part means."""

    of: tuple[Condition, ...]

    @property
    def kql(self) -> str:
        """As a person could type it."""
        return " and ".join(f"({part.kql})" for part in self.of)

    @property
    def dsl(self) -> dict[str, Any]:
        """As Elasticsearch takes it."""
        return {"bool": {"filter": [part.dsl for part in self.of]}}


Condition = Is | Begins | Has | AtLeast | Below | Not | All


def fields_of(condition: Condition | None) -> tuple[str, ...]:
    """Every field that a condition asks for."""
    if condition is None:
        return ()
    if isinstance(condition, Not):
        return fields_of(condition.of)
    if isinstance(condition, All):
        return tuple(field for part in condition.of for field in fields_of(part))
    return (condition.field,)


def is_(field: str, *values: Value) -> Is:
    """The field has one of these values."""
    return Is(field, values)


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{value:g}"
