from __future__ import annotations

from typing import Any

import pytest

from sinks.elasticsearch.judge import judge_item, trouble_in_words


@pytest.mark.parametrize(
    ("status", "kind", "decision"),
    [
        (201, "", "written"),
        (200, "", "written"),
        (409, "version_conflict_engine_exception", "written"),
        (429, "es_rejected_execution_exception", "retry"),
        (429, "cluster_block_exception", "retry"),
        (500, "", "retry"),
        (503, "unavailable_shards_exception", "retry"),
        (0, "", "retry"),
        (400, "resource_already_exists_exception", "retry"),
        (400, "document_parsing_exception", "reject"),
        (400, "mapper_parsing_exception", "reject"),
        (400, "validation_exception", "stop"),
        (401, "security_exception", "stop"),
        (403, "security_exception", "stop"),
        (403, "cluster_block_exception", "stop"),
        (404, "index_not_found_exception", "stop"),
        (400, "index_closed_exception", "stop"),
    ],
)
def test_decisions(status: int, kind: str, decision: str) -> None:
    item: dict[str, Any] = {"status": status} | ({"error": {"type": kind, "reason": "r"}} if kind else {})
    assert judge_item(item).decision == decision


@pytest.mark.parametrize("store", ["used", "failed"])
def test_the_failure_store_is_not_success(store: str) -> None:
    assert judge_item({"status": 201, "failure_store": store}).decision == "reject"
    assert judge_item({"status": 201, "failure_store": "not_applicable_or_unknown"}).decision == "written"


def test_a_full_disk_is_told_with_what_mends_it() -> None:
    block = (
        "[TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block; …]"
    )
    said = trouble_in_words("cluster_block_exception", f"index [{'x' * 300}] blocked by: {block}")
    assert "disk is full" in said
    assert "delete whole indices" in said
    assert "indices expire" not in said, "documents cannot be deleted under this block"
    assert trouble_in_words("429", "x" * 1_000) == f"429 {'x' * 120}"
