"""What is kept where: documents, bytes, fields that could not be read, and whether an index has the present fields."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sinks.elasticsearch.templates import LIVING, RETENTION
from sinks.elasticsearch.upgrade import ALL, Place, places

KEPT_DAYS = {"feedback": 180, "groups": 180, "incidents": 730}
"""Days after which documents that change may go; those of data streams go by themselves, see `RETENTION`.

Longer than any topic keeps what they are made from: what is deleted does not come back by a replay.
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """One data stream or index; ``left_out`` documents have a field that could not be read and is not searchable.

    ``stands_for`` is how many events its documents stand for: more than there are where calls are sampled.
    """

    name: str
    kind: str
    indices: int
    documents: int
    stands_for: int
    bytes: int
    left_out: int
    kept: str
    current: bool

    @property
    def bytes_a_document(self) -> float:
        """Bytes on disk, index and all, a document; 0 of none."""
        return self.bytes / self.documents if self.documents else 0.0


def census(client: Any, names: str = ALL) -> list[Counted]:
    """Count everything of ours whose name fits."""
    return [_count(client, place) for place in places(client, names)]


def _count(client: Any, place: Place) -> Counted:
    stats = client.indices.stats(index=place.name, metric=["docs", "store"]).body["_all"]["primaries"]
    left_out = client.count(index=place.name, query={"exists": {"field": "_ignored"}})["count"]
    return Counted(
        name=place.name,
        kind=place.kind,
        indices=len(place.indices),
        documents=stats["docs"]["count"],
        stands_for=_calls(client, place.name) if place.kind == "calls" else stats["docs"]["count"],
        bytes=stats["store"]["size_in_bytes"],
        left_out=left_out,
        kept=RETENTION.get(place.kind) or f"{KEPT_DAYS[place.kind]}d, `indices expire`",
        current=place.current,
    )


def _calls(client: Any, name: str) -> int:
    """Each call has this value once, whether it has a document of its own or another stands for it."""
    answer = client.search(index=name, size=0, aggs={"calls": {"value_count": {"field": "hypercare.failed"}}})
    return int(answer["aggregations"]["calls"]["value"])


def expire(client: Any, now: datetime, names: str = ALL) -> Iterable[tuple[str, int]]:
    """Delete documents that change and were told last too long ago; yields names with how many.

    An incident that is open is never too old.
    """
    for place in places(client, names):
        if place.kind not in LIVING:
            continue
        before = (now - timedelta(days=KEPT_DAYS[place.kind])).isoformat()
        query = {
            "bool": {
                "filter": [{"range": {"@timestamp": {"lt": before}}}],
                "must_not": [{"term": {"hypercare.incident.open": True}}],
            }
        }
        done = client.delete_by_query(index=place.name, query=query, conflicts="proceed", refresh=True)
        yield place.name, int(done["deleted"])
