"""What Elasticsearch knows about calls, feedback and dead letters, asked by query; no counter of ours."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch

from hypercare.late import JUDGED_FOR_S
from hypercare.summary_rows import FailingGroup, FindingRow, Found, Problem, RouteRow, Summary

CALLS = "logs-hypercare.calls-*"
FEEDBACK = "hypercare-feedback-*"
FINDINGS = "logs-hypercare.findings-*"
DEAD_LETTERS = "logs-hypercare.deadletters-*"
TOP = 8
MAX_COMBINATIONS = 5_000
GROUP_BY = {
    "route": "http.route",
    "browser": "user_agent.name",
    "os": "user_agent.os.name",
    "status": "http.response.status_code",
}
LINKED = {"term": {"hypercare.match": "linked"}}
IN_A_GROUP: dict[str, Any] = {
    "people": {"cardinality": {"field": "user.hash"}},
    "linked": {"filter": LINKED},
    "routes": {"terms": {"field": "hypercare.links.route", "size": 1}},
    "categories": {"terms": {"field": "hypercare.category", "size": 1}},
    "latest": {"top_hits": {"size": 1, "sort": [{"@timestamp": "desc"}], "_source": ["hypercare.group.title"]}},
}
JUDGED_APART = ("urn:hypercare:import:", "urn:hypercare:demo:", "urn:hypercare:simulate:")
"""Origins whose old times are meant."""
LATE = {
    "bool": {
        "filter": {"range": {"hypercare.delay_ms": {"gt": JUDGED_FOR_S * 1000}}},
        "must_not": [{"prefix": {"hypercare.origin": origin}} for origin in JUDGED_APART],
    }
}
"""Calls that may not have been judged; what was imported or played is judged by itself, however long ago it was."""
MIN_CALLS = 5
"""Fewer calls than this say nothing about a route's error share."""
SEARCH_FOR = "slow OR fails OR error OR payment OR checkout OR timeout OR crash OR exception"


def summarise(client: Elasticsearch, *, origin: str = "", search: str = SEARCH_FOR) -> Summary:
    """Ask everything about what came from ``origin``, a prefix of the CloudEvents source; empty means all."""
    scope: list[dict[str, Any]] = [{"prefix": {"hypercare.origin": origin}}] if origin else []
    calls = _calls(client, scope)
    feedback = _feedback(client, scope, search)
    dead = _dead_letters(client, scope)
    rows = [_row(bucket) for bucket in _buckets(calls, "routes")]
    enough = [row for row in rows if row.calls >= MIN_CALLS]
    return Summary(
        calls=round(calls["aggregations"]["calls"]["value"]),
        first=calls["aggregations"]["first"].get("value_as_string", ""),
        last=calls["aggregations"]["last"].get("value_as_string", ""),
        outcomes=_counts(calls, "outcomes"),
        busiest=rows[:TOP],
        failing=sorted((r for r in enough if r.failed), key=lambda r: (-r.error_share, -r.failed))[:TOP],
        slowest=sorted((r for r in enough if r.p95_ms), key=lambda r: -(r.p95_ms or 0))[:TOP],
        failing_groups=[
            _group(b) for b in _most(_buckets({"aggregations": calls["aggregations"]["server_failures"]}, "groups"))
        ][:TOP],
        findings=_findings(client, scope),
        feedback=feedback["hits"]["total"]["value"],
        channels=_counts(feedback, "channels"),
        languages=_counts(feedback, "languages"),
        categories=_counts(feedback, "categories"),
        linked=feedback["aggregations"]["linked"]["doc_count"],
        problems=[_problem(bucket) for bucket in _buckets(feedback, "groups")],
        searched=search,
        found_total=feedback["aggregations"]["found"]["doc_count"],
        found=[_found(hit) for hit in feedback["aggregations"]["found"]["best"]["hits"]["hits"]],
        dead_letters=dead["hits"]["total"]["value"],
        reasons=[
            (bucket["key"]["topic"] or "-", bucket["key"]["reason"] or "-", bucket["doc_count"])
            for bucket in _most(_buckets(dead, "reasons"))
        ],
        late=round(calls["aggregations"]["late"]["calls"]["value"]),
    )


def _search(client: Elasticsearch, index: str, scope: list[dict[str, Any]], aggs: dict[str, Any]) -> Any:
    """Ask one pattern of data streams for counts only; none there is no error."""
    return client.search(
        index=index,
        ignore_unavailable=True,
        allow_no_indices=True,
        size=0,
        track_total_hits=True,
        query={"bool": {"filter": scope}},
        aggs=aggs,
    ).body


def _calls(client: Elasticsearch, scope: list[dict[str, Any]]) -> Any:
    measures = {
        "failed": {"sum": {"field": "hypercare.failed"}},
        "refused": {"filter": {"terms": {"hypercare.outcome": ["client_error", "auth_failed"]}}},
        "ms": {"percentiles": {"field": "hypercare.latency.total_ms", "percents": [50, 95]}},
        "bytes": {"percentiles": {"field": "http.response.body.bytes", "percents": [50, 95]}},
        "blamed": {
            "filter": {"term": {"hypercare.failed": 1}},
            "aggs": {"who": {"terms": {"field": "hypercare.blame", "size": 1}}},
        },
    }
    return _search(
        client,
        CALLS,
        scope,
        {
            "calls": {"value_count": {"field": "hypercare.failed"}},  # a document of a sample stands for several
            "late": {"filter": LATE, "aggs": {"calls": {"value_count": {"field": "hypercare.failed"}}}},
            "first": {"min": {"field": "@timestamp"}},
            "last": {"max": {"field": "@timestamp"}},
            "outcomes": {"terms": {"field": "hypercare.outcome", "size": 20}},
            "routes": {"terms": {"field": "http.route", "size": 500}, "aggs": measures},
            "server_failures": {
                "filter": {"term": {"hypercare.failed": 1}},
                "aggs": {"groups": _combinations(GROUP_BY)},
            },
        },
    )


def _combinations(fields: dict[str, str]) -> dict[str, Any]:
    """Counts by combination of values; ``multi_terms`` would sort them, but not every distribution has it."""
    sources = [{name: {"terms": {"field": field, "missing_bucket": True}}} for name, field in fields.items()]
    return {"composite": {"size": MAX_COMBINATIONS, "sources": sources}}


def _most(buckets: list[Any]) -> list[Any]:
    return sorted(buckets, key=lambda bucket: -bucket["doc_count"])


def _feedback(client: Elasticsearch, scope: list[dict[str, Any]], search: str) -> Any:
    fields = ["message.en^2", "message", "hypercare.title.en^2", "hypercare.title"]
    query = {"query_string": {"query": search, "fields": fields, "default_operator": "or", "lenient": True}}
    return _search(
        client,
        FEEDBACK,
        scope,
        {
            "channels": {"terms": {"field": "hypercare.channel", "size": 10}},
            "categories": {"terms": {"field": "hypercare.category", "size": 10}},
            "linked": {"filter": LINKED},
            "groups": {"terms": {"field": "hypercare.group.id", "size": TOP, "min_doc_count": 2}, "aggs": IN_A_GROUP},
            "languages": {"terms": {"field": "hypercare.language", "size": 10, "missing": "unknown"}},
            "found": {
                "filter": query,
                "aggs": {"best": {"top_hits": {"size": 4, "sort": [{"_score": "desc"}, {"@timestamp": "desc"}]}}},
            },
        },
    )


def _problem(bucket: Any) -> Problem:
    def first(name: str) -> str:
        found = bucket[name]["buckets"]
        return str(found[0]["key"]) if found else ""

    title = bucket["latest"]["hits"]["hits"][0]["_source"]["hypercare"]["group"].get("title", "")
    people, linked = bucket["people"]["value"], bucket["linked"]["doc_count"]
    return Problem(title, first("categories"), bucket["doc_count"], people, linked, first("routes"))


def _findings(client: Elasticsearch, scope: list[dict[str, Any]]) -> list[FindingRow]:
    """Each finding as its last document says, surest first."""
    latest = {"top_hits": {"size": 1, "sort": [{"hypercare.finding.revision": "desc"}]}}
    found = _search(
        client,
        FINDINGS,
        scope,
        {"findings": {"terms": {"field": "hypercare.finding.id", "size": 100}, "aggs": {"latest": latest}}},
    )
    sources = [bucket["latest"]["hits"]["hits"][0]["_source"] for bucket in _buckets(found, "findings")]
    said = [(source["hypercare"]["finding"], source["message"]) for source in sources]
    said.sort(key=lambda one: (-one[0]["confidence"], -one[0]["score"]))
    return [FindingRow(finding["state"], finding["confidence"], sentence) for finding, sentence in said]


def _dead_letters(client: Elasticsearch, scope: list[dict[str, Any]]) -> Any:
    return _search(
        client,
        DEAD_LETTERS,
        scope,
        {
            "reasons": _combinations({"topic": "hypercare.dead_letter.source.topic", "reason": "error.code"}),
        },
    )


def _buckets(answer: Any, name: str) -> list[Any]:
    found: list[Any] = answer.get("aggregations", {}).get(name, {}).get("buckets", [])
    return found


def _counts(answer: Any, name: str) -> list[tuple[str, int]]:
    return [(str(bucket["key"]), bucket["doc_count"]) for bucket in _buckets(answer, name)]


def _row(bucket: Any) -> RouteRow:
    blamed = bucket["blamed"]["who"]["buckets"]
    return RouteRow(
        route=bucket["key"],
        calls=bucket["doc_count"],
        failed=round(bucket["failed"]["value"]),
        refused=bucket["refused"]["doc_count"],
        p50_ms=bucket["ms"]["values"]["50.0"],
        p95_ms=bucket["ms"]["values"]["95.0"],
        p50_bytes=bucket["bytes"]["values"]["50.0"],
        p95_bytes=bucket["bytes"]["values"]["95.0"],
        blamed=blamed[0]["key"] if blamed else "",
    )


def _group(bucket: Any) -> FailingGroup:
    key = bucket["key"]
    return FailingGroup(
        key["route"] or "-", key["browser"] or "-", key["os"] or "-", int(key["status"] or 0), bucket["doc_count"]
    )


def _found(hit: Any) -> Found:
    source = hit["_source"]
    title = source["hypercare"].get("title")
    text = f"{title}: {source['message']}" if title else source["message"]
    return Found(source["@timestamp"], source["hypercare"]["channel"], " ".join(text.split()))
