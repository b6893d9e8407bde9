"""A document as the two lines of a bulk request, the same whether they are sent or kept."""

from __future__ import annotations

import orjson

from sinks.elasticsearch.document import Document


def bulk_lines(document: Document) -> bytes:
    """The action and the document: one that lives is replaced by a higher version only, any other is created once."""
    stream, key = document.stream.encode(), orjson.dumps(document.key)
    if document.version is None:
        return b'{"create":{"_index":"%b","_id":%b,"require_data_stream":true}}\n%b\n' % (stream, key, document.body)
    return b'{"index":{"_index":"%b","_id":%b,"version":%d,"version_type":"external"}}\n%b\n' % (
        stream,
        key,
        document.version,
        document.body,
    )
