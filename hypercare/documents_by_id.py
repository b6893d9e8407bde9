"""Documents of an id, or that fit a question, wherever they are."""

from __future__ import annotations

from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from sinks.elasticsearch.document import Document

MOST = 20
AWAY = TransportError
"""What is raised when nobody answers."""
REFUSED = ApiError
"""What is raised when it is answered with a refusal; has a ``status_code``."""


def hits_of(client: Elasticsearch, indices: str, wanted: str, *, most: int = MOST) -> list[dict[str, Any]]:
    """What Elasticsearch has under the id of an event, as it answers; nothing where an index is missing."""
    if not wanted:
        return []
    return hits_that(client, indices, {"ids": {"values": [Document("", wanted, b"").key]}}, most=most)


def hits_that(client: Elasticsearch, indices: str, query: dict[str, Any], *, most: int = MOST) -> list[dict[str, Any]]:
    """What fits a question, as Elasticsearch answers; nothing where an index is missing."""
    client.indices.refresh(index=indices, ignore_unavailable=True)
    found: list[dict[str, Any]] = client.search(
        index=indices, ignore_unavailable=True, allow_no_indices=True, size=most, query=query
    )["hits"]["hits"]
    return found


def newest_first(client: Elasticsearch, indices: str, wanted: str) -> list[dict[str, Any]]:
    """The documents with an event's id, the highest revision first and the one with most fields before others."""
    return sorted((hit["_source"] for hit in hits_of(client, indices, wanted)), key=_age, reverse=True)


def _age(document: dict[str, Any]) -> tuple[int, int]:
    said = document["hypercare"]
    revision = said.get("revision", (said.get("group") or {}).get("revision", 0))
    return revision, len(str(document))
