"""Kibana's query language, as much of it as we write, read by hand: what a query means to Elasticsearch.

Source of the grammar: elastic/kibana, ``src/platform/packages/shared/kbn-es-query/src/kuery/grammar``.
"""

from __future__ import annotations

import re
from typing import Any

TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<sign>>=|<=|[():<>])|(?P<word>[^\s():<>"]+))')
RANGES = {">=": "gte", "<=": "lte", ">": "gt", "<": "lt"}
Query = dict[str, Any]


def parsed(text: str) -> Query:
    """The query; raise `ValueError` for what is none."""
    found = _Reader(text)
    query = found.any_of()
    if found.left:
        raise ValueError(f"{text!r}: nothing is expected at {found.left[0]}")
    return query


class _Reader:
    """Takes one token after the other."""

    def __init__(self, text: str) -> None:
        self.left: list[tuple[str, str]] = []
        place = 0
        while place < len(text.rstrip()):
            match = TOKEN.match(text, place)
            if match is None:
                raise ValueError(f"{text!r}: not understood from {place} on")
            kind = match.lastgroup or ""
            self.left.append((kind, match[kind]))
            place = match.end()

    def any_of(self) -> Query:
        parts = [self._all_of()]
        while self._took("or"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}

    def _all_of(self) -> Query:
        parts = [self._one()]
        while self._took("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else {"bool": {"filter": parts}}

    def _one(self) -> Query:
        if self._took("not"):
            return {"bool": {"must_not": [self._one()]}}
        if self._took("("):
            inner = self.any_of()
            self._expect(")")
            return inner
        kind, field = self._next()
        _, sign = self._next()
        if kind != "word" or (sign != ":" and sign not in RANGES):
            raise ValueError(f"{field} {sign}: no field with a condition")
        if sign in RANGES:
            return {"range": {field: {RANGES[sign]: _value(*self._next())}}}
        return self._values(field)

    def _values(self, field: str) -> Query:
        if self._took("("):
            values = [_value(*self._next())]
            while self._took("or"):
                values.append(_value(*self._next()))
            self._expect(")")
            return {"terms": {field: values}}
        kind, value = self._next()
        if kind == "word" and value == "*":
            return {"exists": {"field": field}}
        if kind == "word" and value.endswith("*"):
            return {"prefix": {field: {"value": value[:-1]}}}
        return {"terms": {field: [_value(kind, value)]}}

    def _next(self) -> tuple[str, str]:
        if not self.left:
            raise ValueError("something is missing at the end")
        return self.left.pop(0)

    def _took(self, wanted: str) -> bool:
        if self.left and self.left[0][0] != "text" and self.left[0][1] == wanted:
            self.left.pop(0)
            return True
        return False

    def _expect(self, wanted: str) -> None:
        if not self._took(wanted):
            raise ValueError(f"{wanted} is missing")


def _value(kind: str, value: str) -> str | float | bool:
    if kind == "text":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    if value in {"true", "false"}:
        return value == "true"
    return float(value)
