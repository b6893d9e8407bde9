"""Take a request target apart: path, query, host, scheme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from contracts.secrets import mask_path, mask_query
from producers.adapters.loose_values import LINE_CHARS, NAME_CHARS

CACHED = 10_000
CACHED_CHARS = 200
"""Paths and queries repeat; how many of them, and up to which length, are masked only once."""
_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,20})://([^/?#]*)(.*)", re.DOTALL)


def target_parts(target: str) -> dict[str, str]:
    """Split ``/path?query`` or ``scheme://host/path?query``; parts that are not there are left out.

    User information in front of a host is dropped: it is a secret and names nothing.
    """
    parts: dict[str, str] = {}
    absolute = _ABSOLUTE.match(target) if "://" in target[:24] else None
    if absolute:
        parts["scheme"] = absolute[1].lower()
        parts["host"] = absolute[2].rpartition("@")[2]
        target = absolute[3] or "/"
    parts["path"], _, parts["query"] = target.partition("?")
    return {name: part for name, part in parts.items() if part}


def cut_long(parts: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """Cut what is longer than the contract takes; also return the names of what was cut."""
    limits = {"host": NAME_CHARS, "scheme": NAME_CHARS}
    long = [name for name, part in parts.items() if len(part) > limits.get(name, LINE_CHARS)]
    if long:
        parts = {name: part[: limits.get(name, LINE_CHARS)] for name, part in parts.items()}
    return parts, long


def masked_url(url: str) -> str:
    """Return the URL with the secrets in its path and query masked."""
    return _short_url(url) if len(url) <= CACHED_CHARS else _masked_url(url)


def _masked_url(url: str) -> str:
    path, mark, query = url.partition("?")
    path = mask_path(path)[0]
    return f"{path}?{mask_query(query)[0]}" if mark else path


def masked_parts(target: str) -> tuple[dict[str, str], list[str]]:
    """Parts of a target with secrets masked and no longer than the contract takes; the names of what was cut."""
    parts = target_parts(target)
    if "path" in parts:
        parts["path"] = (
            _short_path(parts["path"]) if len(parts["path"]) <= CACHED_CHARS else mask_path(parts["path"])[0]
        )
    if "query" in parts:
        query = parts["query"]
        parts["query"] = _short_query(query) if len(query) <= CACHED_CHARS else mask_query(query)[0]
    return cut_long(parts) if len(target) > NAME_CHARS else (parts, [])


def request_part(target: str | None, said: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The ``request`` of a call: the parts of its target and what is said beside it, which wins; what was cut."""
    parts, long = masked_parts(target) if target else ({}, [])
    return {**parts, **{name: value for name, value in said.items() if value is not None}}, long


@lru_cache(maxsize=CACHED)
def _short_url(url: str) -> str:
    return _masked_url(url)


@lru_cache(maxsize=CACHED)
def _short_path(path: str) -> str:
    return mask_path(path)[0]


@lru_cache(maxsize=CACHED)
def _short_query(query: str) -> str:
    return mask_query(query)[0]
