"""A document as the two lines of a bulk request, the same whether they are sent or kept."""

from __future__ import annotations

from sinks.elasticsearch.document import Document

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", **{c: f"\\u{c:04x}" for c in range(32)}}


def bulk_lines(document: Document) -> bytes:
    """The action, which creates and never replaces, and the document."""
    return b'{"create":{"_index":"%b","_id":"%b"}}\n%b\n' % (
        document.stream.encode(),
        document.key.translate(_ESCAPES).encode(),
        document.body,
    )
