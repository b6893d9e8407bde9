"""Every way a partner could try to see more than the alias shows: requests as they go over the wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALL: dict[str, Any] = {"query": {"match_all": {}}, "size": 100}
SCRIPT = {"all": {"script": {"source": "params['_source'].toString()"}}}


@dataclass(frozen=True)
class Try:
    """One request; ``lines`` is the body of an API that takes several."""

    method: str
    path: str
    body: Any = None
    lines: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def content(self) -> bytes | None:
        """What is sent."""
        if self.lines:
            return b"".join(json.dumps(line).encode() + b"\n" for line in self.lines)
        return None if self.body is None else json.dumps(self.body).encode()


def tries(alias: str, index: str, backing: str, other_id: str) -> Iterator[Try]:
    """What is tried: ``index`` is a stream the partner sees a part of, ``other_id`` a document of it they must not."""
    for target in (alias, index, backing, "*", "_all", "*,-x", "logs-*,metrics-*,hypercare-*", ".ds-*", "*:*"):
        yield Try("POST", f"/{target}/_search?ignore_unavailable=true&allow_no_indices=true&expand_wildcards=all", ALL)
        yield Try("POST", f"/{target}/_count?expand_wildcards=all", {"query": {"term": {"http.route": "/orders"}}})
        yield Try("GET", f"/{target}/_field_caps?fields=*&include_unmapped=true")
        yield Try("POST", f"/{target}/_async_search?wait_for_completion_timeout=5s", ALL)
        yield Try("GET", f"/_resolve/index/{target}")
        yield Try("GET", f"/_data_stream/{target}")
        yield Try("GET", f"/{target}/_search_shards")
        yield Try("POST", f"/{target}/_pit?keep_alive=1m")
    for target in (alias, index, backing):
        yield from _by_id(target, other_id)
    yield from _inside_a_search(alias)
    yield Try(
        "POST", "/_msearch", lines=({"index": "*"}, ALL, {"index": index}, ALL, {"index": f"{alias},logs-*"}, ALL)
    )
    yield Try("POST", "/_sql?format=json", {"query": 'SELECT * FROM "*"'})
    yield Try("POST", "/_query", {"query": "FROM *"})
    yield Try("POST", f"/{alias}/_eql/search", {"query": "any where true"})
    yield Try("POST", "/_scripts/painless/_execute", {"script": {"source": "1"}, "context": "score"})
    yield Try("POST", "/_reindex", {"source": {"index": index}, "dest": {"index": "mine"}})
    yield Try("POST", f"/{alias}/_update_by_query", {"query": ALL["query"]})
    for path in ("_cat/indices", "_cat/aliases", "_aliases", "_cluster/state", "_stats", "_tasks", "_security/role"):
        yield Try("GET", f"/{path}")


def _by_id(target: str, other_id: str) -> Iterator[Try]:
    """Reading by id asks no query, so that an alias' filter has nothing to add to."""
    yield Try("GET", f"/{target}/_doc/{other_id}")
    yield Try("GET", f"/{target}/_source/{other_id}")
    yield Try("POST", f"/{target}/_mget", {"ids": [other_id.replace("%2F", "/")]})
    yield Try("GET", f"/{target}/_termvectors/{other_id}?fields=http.route")
    yield Try("POST", f"/{target}/_explain/{other_id}", {"query": {"term": {"http.route": "/orders"}}})
    yield Try("POST", f"/{target}/_terms_enum", {"field": "http.route", "string": "/"})
    yield Try(
        "POST", f"/{target}/_validate/query?rewrite=true&all_shards=true", {"query": {"prefix": {"http.route": "/"}}}
    )


def _inside_a_search(alias: str) -> Iterator[Try]:
    route = {"field": "http.route", "size": 100}
    yield Try("POST", f"/{alias}/_search", {"size": 0, "aggs": {"a": {"global": {}, "aggs": {"r": {"terms": route}}}}})
    yield Try("POST", f"/{alias}/_search", {**ALL, "script_fields": SCRIPT, "post_filter": {"match_all": {}}})
    like = [{"_index": alias, "_id": "health/orders"}]
    yield Try(
        "POST",
        f"/{alias}/_search",
        {"query": {"more_like_this": {"like": like, "min_term_freq": 0, "min_doc_freq": 0}}},
    )
    lookup = {"index": alias, "id": "health/orders", "path": "http.route"}
    yield Try("POST", f"/{alias}/_search", {"query": {"terms": {"http.route": lookup}}})


def names(alias: str) -> Iterator[Try]:
    """What answers from the dictionary of a field, which is that of the whole index: names, without a figure."""
    routes = {"field": "http.route", "size": 100, "min_doc_count": 0}
    yield Try("POST", f"/{alias}/_search", {"size": 0, "aggs": {"r": {"terms": routes}}})
    term = {"field": "http.route", "suggest_mode": "always", "min_word_length": 1, "prefix_length": 0, "max_edits": 2}
    yield Try("POST", f"/{alias}/_search", {"size": 0, "suggest": {"s": {"text": "/order", "term": term}}})
