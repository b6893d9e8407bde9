"""Which trace a request belongs to: read from it if it says so, begun otherwise.

Source: W3C Trace Context, sections 3.2 (traceparent) and 4 (processing); `traceresponse` is the response header of its
level 2 drafts.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_FORM = re.compile(r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})")
_LENGTH = 55
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
SAMPLED = "01"
"""Of a trace that begins here: the call is recorded, and whoever follows it up should be, too."""


@dataclass(frozen=True, slots=True)
class SpanContext:
    """The call's own span in its trace; ``parent_id`` is the caller's span, None where a trace begins."""

    trace_id: str
    span_id: str
    parent_id: str | None
    flags: str

    @property
    def traceparent(self) -> str:
        """For calls that the application makes itself, and for the answer."""
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def span_for(traceparents: list[str]) -> SpanContext:
    """A span of its own for a call that came with these headers; anything but one valid header begins a trace."""
    span_id = secrets.token_hex(8)
    found = _read(traceparents[0]) if len(traceparents) == 1 else None
    if found is None:
        return SpanContext(secrets.token_hex(16), span_id, None, SAMPLED)
    flags = "01" if int(found["flags"], 16) & 1 else "00"  # other bits are to be zero unless one knows them
    return SpanContext(found["trace"], span_id, found["parent"], flags)


def _read(header: str) -> re.Match[str] | None:
    header = header.strip(" \t")
    found = _FORM.match(header)
    if found is None or found["version"] == "ff" or found["trace"] == _NO_TRACE or found["parent"] == _NO_SPAN:
        return None
    more = header[_LENGTH:]
    if more and (found["version"] == "00" or not more.startswith("-")):
        return None  # only a version after this one may say more
    return found
