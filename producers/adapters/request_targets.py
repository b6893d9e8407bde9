"""Take a request target apart: path, query, host, scheme."""

from __future__ import annotations

import re

from contracts.secrets import mask_path, mask_query
from producers.adapters.loose_values import LINE_CHARS, NAME_CHARS

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
    path, mark, query = url.partition("?")
    path = mask_path(path)[0]
    return f"{path}?{mask_query(query)[0]}" if mark else path
