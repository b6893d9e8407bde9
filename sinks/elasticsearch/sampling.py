"""Which successful calls become documents, and how many calls a document stands for.

A call that failed or was refused is always kept, and so is a slow one and one of a language model, whose cost has to
add up: each of these stands for itself. Of the others one in so many is kept and stands for as many. It carries the
numbers of a call once more for each of the ``others``, which Elasticsearch copies beside its own without storing them
with the document: a mean, a sum, a percentile and a count of values then weigh it as it should be, without a formula,
and ``_doc_count`` does the same for buckets.

What is kept follows from a call's id alone, so a replay keeps the same. Means and counts are those of a stratified
sample (Horvitz and Thompson, "A generalization of sampling without replacement", 1952): right in the mean, exact for
what is kept whole, with a relative error of about ``sqrt(one_in / calls)`` for a count of the rest. Distinct users
cannot be weighed: of those whose calls all went well only some are seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from contracts.calls import EnrichedCall

Successful = Literal["all", "sample", "none"]
ONE_IN = 10
MOST_ONE_IN = 100
"""A computed field may have a hundred values, not more (Elasticsearch, ``AbstractFieldScript.MAX_VALUES``)."""
SLOW_MS = 1_000.0
"""Up to a second a train of thought stays unbroken (Nielsen, "Usability Engineering", 1993, 5.5)."""
OTHERS = {
    "failed": ("hypercare", "failed"),
    "total_ms": ("hypercare", "latency", "total_ms"),
    "upstream_ms": ("hypercare", "latency", "upstream_ms"),
    "gateway_ms": ("hypercare", "latency", "gateway_ms"),
    "bytes": ("http", "response", "body", "bytes"),
}
"""Numbers that charts add up or take means and percentiles of: name below ``hypercare.others``, and the field."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """``one_in`` is a count of calls, ``slow_ms`` the duration in milliseconds from which a call is kept whole."""

    successful: Successful = "all"
    one_in: int = ONE_IN
    slow_ms: float = SLOW_MS

    def weight(self, call: EnrichedCall) -> int:
        """For how many calls the document of this one stands; 0 when it is to have none."""
        if self.successful == "all" or self._kept_whole(call):
            return 1
        if self.successful == "none":
            return 0
        drawn = int.from_bytes(blake2b(call.id.encode(), digest_size=8, person=b"hypercare.calls").digest())
        return 0 if drawn % self.one_in else self.one_in

    def _kept_whole(self, call: EnrichedCall) -> bool:
        slow = call.latency.total_ms is not None and call.latency.total_ms >= self.slow_ms
        return call.outcome != "ok" or slow or call.ai is not None


ALL = Sampling()
"""Every call becomes a document."""


def weighted(body: Mapping[str, Any], weight: int) -> dict[str, Any]:
    """The document of a call that stands for as many; one that has its copies already, or stands for itself, stays."""
    if weight <= 1:
        return dict(body)
    found = {name: _at(body, path) for name, path in OTHERS.items()}
    others = {name: [value] * (weight - 1) for name, value in found.items() if value is not None}
    return {**body, "_doc_count": weight, "hypercare": {**body["hypercare"], "weight": weight, "others": others}}


def weighted_again(source: Mapping[str, Any]) -> dict[str, Any]:
    """A document as it was read, with the copies that are not stored with it: for writing it back."""
    return weighted(source, int((source.get("hypercare") or {}).get("weight") or 1))


def _at(body: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = body
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
