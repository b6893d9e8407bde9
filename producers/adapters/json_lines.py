"""One JSON object a line."""

from __future__ import annotations

from typing import Any

import orjson

from contracts.errors import Rejected


def json_object(line: bytes) -> dict[str, Any]:
    """Parse a line; raise `Rejected` saying where it breaks."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _refusal(line, error) from None
    if not isinstance(found, dict):
        raise Rejected("not_an_object", f"a JSON object is expected, this is {type(found).__name__}")
    return found


def _refusal(line: bytes, error: orjson.JSONDecodeError) -> Rejected:
    where = f"column {error.colno}"
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return Rejected("not_utf8", f"byte {wrong.start + 1} is not UTF-8")
    if "depth" in error.msg or "recursion" in error.msg:
        return Rejected("too_deep", f"nested too deep, {where}")
    if line.lstrip().startswith(b"{") and not line.rstrip().endswith(b"}"):
        return Rejected("truncated_line", f"the JSON object is not closed, {where}")
    return Rejected("not_json", f"{where}: {error.msg}")
