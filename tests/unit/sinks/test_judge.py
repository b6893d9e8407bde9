from __future__ import annotations

from typing import Any

import pytest

from sinks.elasticsearch.judge import judge_item


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
