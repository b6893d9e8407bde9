r"""Apinto's ``line`` format, which is only columns: what they are is said by the output's ``formatter``.

Fields are separated by tabs. An object inside is ``"a b c"``, one inside of that ``[a,b]``, the next ``<a:b>``; a
list of attempts is ``"[a,b] [a,b]"``. What is empty is ``-``. Bodies are in base64, and never kept. A value that
holds its own separator makes a group that cannot be told apart: it is left out and named.
Source: eolinker/eosc formatter/line/line.go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from contracts.calls import GatewayCall
from contracts.errors import Rejected, Stop
from producers.adapters.adapter import Place
from producers.adapters.apinto import Apinto, call_from
from producers.adapters.facts import About

ROOT = "fields"
_SEPARATORS = ("\t", " ", ",", ":")
_CONTAINERS = (('"', '"'), ("[", "]"), ("<", ">"))
_MAX_LINE_BYTES = 1_048_576


class _Column(NamedTuple):
    """A value, or the columns of an object, or of each of a list of objects."""

    name: str
    inner: tuple[_Column, ...] = ()
    many: bool = False
    constant: bool = False


class ApintoLine:
    """APIPark and Apinto with ``type: line``, read by the formatter that wrote it."""

    name = "apinto-line"
    event = GatewayCall
    about = About("APIPark and Apinto with `type: line`; named with its formatter", lacks=Apinto.about.lacks)

    def __init__(self, formatter: Mapping[str, Sequence[str]]) -> None:
        self._columns = _columns(formatter, ROOT, 0)

    def recognises(self, line: bytes) -> bool:
        """Tell it by the number of its columns."""
        return len(line.split(b"\t")) == len(self._columns) > 1

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one line."""
        if len(line) > _MAX_LINE_BYTES:
            raise Rejected("line_too_long", f"{len(line)} bytes, at most {_MAX_LINE_BYTES} are such a line")
        text = line.decode("utf-8", "backslashreplace").strip("\r\n")
        values = text.split("\t")
        if len(values) != len(self._columns):
            raise Rejected("wrong_columns", f"{len(values)} columns, the formatter has {len(self._columns)}")
        lost: list[str] = []
        return call_from(_record(self._columns, values, 0, lost), line, place, lost)


def read_formatter(path: str) -> Mapping[str, Sequence[str]]:
    """The formatter in a file, by itself or in the output's configuration; raise `Stop` when there is none."""
    fix = 'give the JSON of the output\'s configuration, or of its "formatter": {"fields": ["$msec", …], …}'
    try:
        found = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise Stop(f"cannot read {path}: {error.strerror}", fix=fix) from None
    except orjson.JSONDecodeError as error:
        raise Stop(f"{path} is not JSON: {error.msg}", fix=fix) from None
    if isinstance(found, dict) and isinstance(found.get("formatter"), dict):
        found = found["formatter"]
    lists = found.values() if isinstance(found, dict) else ()
    if not isinstance(found, dict) or not found.get(ROOT) or not all(_is_list_of_texts(one) for one in lists):
        raise Stop(f"{path} holds no formatter of Apinto", fix=fix)
    return found


def _is_list_of_texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _columns(formatter: Mapping[str, Sequence[str]], group: str, depth: int) -> tuple[_Column, ...]:
    if depth >= len(_SEPARATORS):
        return ()
    return tuple(_column(formatter, said, depth) for said in formatter.get(group, ()))


def _column(formatter: Mapping[str, Sequence[str]], said: str, depth: int) -> _Column:
    words = said.partition(";")[0].split()
    word = words[0] if words else ""
    name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""  # noqa: PLR2004 - $a as b
    if word.startswith("$"):
        return _Column(name or word.strip("$"))
    if not word.startswith("@"):
        return _Column(word, constant=True)
    group, mark, _ = word[1:].partition("#")
    return _Column(name or group, _columns(formatter, group, depth + (2 if mark else 1)), many=bool(mark))


def _record(columns: Sequence[_Column], values: Sequence[str], depth: int, lost: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for column, value in zip(columns, values, strict=True):
        if column.constant or value == "-":
            continue
        record[column.name] = _value(column, value, depth, lost)
    return record


def _value(column: _Column, value: str, depth: int, lost: list[str]) -> Any:
    if not column.inner and not column.many:
        return value
    inner = _unwrapped(value, depth)
    if not column.many:
        return _group(column, inner, depth + 1, lost)
    closing = _CONTAINERS[depth + 1][1] if depth + 1 < len(_CONTAINERS) else ""
    ones = inner.split(closing + _SEPARATORS[depth + 1]) if inner else []
    found = [_group(column, _unwrapped(one, depth + 1), depth + 2, lost) for one in ones]
    return [one for one in found if one is not None]


def _group(column: _Column, text: str, depth: int, lost: list[str]) -> dict[str, Any] | None:
    values = text.split(_SEPARATORS[depth])
    if len(values) != len(column.inner):
        lost.append(column.name)
        return None
    return _record(column.inner, values, depth, lost)


def _unwrapped(text: str, depth: int) -> str:
    if depth >= len(_CONTAINERS):
        return text
    opening, closing = _CONTAINERS[depth]
    return text.removeprefix(opening).removesuffix(closing)
