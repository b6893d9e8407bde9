"""What each answer of Elasticsearch to one document means; the only place where that is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.errors import Stop
from processors.runtime.ending import EXIT_PERSON

Decision = Literal["written", "retry", "reject", "stop"]

CONFLICT = 409
TOO_MANY = 429
NOT_FOUND = 404
FIRST_FAILURE = 300
FIRST_SERVER_ERROR = 500
NO_RIGHT = {401, 403}
FLOOD = "flood-stage watermark"
"""Elasticsearch blocks every index of a disk that is 95 % full, and takes the block back once there is room."""
TRANSIENT_TYPES = {"resource_already_exists_exception", "process_cluster_event_timeout_exception"}
"""Two writers creating the same data stream at once, or a busy master: the next try goes through."""
CLUSTER_TYPES = {"validation_exception", "cluster_block_exception", "index_closed_exception"}
"""Not the document's fault: a shard limit is reached, or the index is blocked or closed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with the reason to count it by and the words Elasticsearch used."""

    decision: Decision
    reason: str = ""
    detail: str = ""


WRITTEN = Verdict("written")


def judge_item(item: Mapping[str, Any]) -> Verdict:
    """Judge one item of a bulk answer.

    A conflict means that the document, or a later version of it, is there already, which is what was wanted. A
    document that went to the failure store was not indexed, whatever its status says.
    """
    status = int(item.get("status", 0))
    error = item.get("error") or {}
    kind, detail = str(error.get("type", "")), str(error.get("reason", ""))[:300]
    if item.get("failure_store") in {"used", "failed"}:
        return Verdict("reject", "failure_store", detail)
    if 0 < status < FIRST_FAILURE or status == CONFLICT:
        return WRITTEN
    if status == TOO_MANY or status >= FIRST_SERVER_ERROR or status == 0 or kind in TRANSIENT_TYPES:
        return Verdict("retry", kind or str(status), detail)
    if status in NO_RIGHT or kind in CLUSTER_TYPES or status == NOT_FOUND:
        return Verdict("stop", kind or str(status), detail)
    return Verdict("reject", f"elasticsearch_{kind or status}", detail)


def trouble_in_words(reason: str, detail: str) -> str:
    """Why documents have to wait, in few words; where a person can end it, how."""
    if FLOOD in detail:
        return (
            f"its disk is full ({FLOOD}), so that it takes nothing; nothing is lost: make room on that disk, or "
            "delete whole indices that are old (`hypercare indices ls`), and it goes on by itself"
        )
    return f"{reason} {detail[:120]}"


def cluster_trouble(reason: str, detail: str) -> Stop:
    """What only a person can mend."""
    if reason in {"401", "403", "security_exception"}:
        fix = "give this user or API key the right to create documents in logs-hypercare.* and metrics-hypercare.* "
        fix += "(create_doc, auto_configure), and to index in hypercare-* (index, auto_configure)"
    elif reason in {"404", "index_not_found_exception"}:
        fix = "put the templates in place: `hypercare setup`"
    elif reason == "validation_exception":
        fix = "raise cluster.max_shards_per_node or delete old data streams"
    else:
        fix = "see why Elasticsearch refuses writes (blocked or closed index, full disk), then start the sink again"
    return Stop(f"Elasticsearch refuses writes: {reason} {detail}", fix=fix, exit_code=EXIT_PERSON)
