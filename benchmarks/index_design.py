"""Bytes a document and documents a second of an index, with one choice of its design changed at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import orjson

from sinks.elasticsearch.document import Document
from sinks.elasticsearch.sampling import weighted
from sinks.elasticsearch.templates import NOT_STORED

REQUEST = 1_000
SAMPLES = (1, 10, 50)
Template = dict[str, Any]


def _without_names(template: Template) -> None:
    """Without the sub-fields that find names by their parts."""

    def strip(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("fields"), dict):
                part["fields"].pop("names", None)
            for value in part.values():
                strip(value)

    strip(template["mappings"])


def _fast_codec(template: Template) -> None:
    """Stored quickly instead of small."""
    template["settings"]["index"]["codec"] = "default"


def _dynamic(template: Template) -> None:
    """As it comes without a template: every text twice, every field indexed."""
    template["mappings"] = {"properties": {"@timestamp": {"type": "date"}}}


def _often(template: Template) -> None:
    """Searchable after 100 ms instead of a second."""
    template["settings"]["index"]["refresh_interval"] = "100ms"


def _seldom(template: Template) -> None:
    """Searchable after 30 s."""
    template["settings"]["index"]["refresh_interval"] = "30s"


def _taken_out(template: Template) -> None:
    """As where calls are sampled: what others are counted by is not stored with a document."""
    template["mappings"]["_source"] = {"excludes": NOT_STORED["calls"]}


DESIGNS: dict[str, Callable[[Template], None]] = {
    "as it is": lambda template: None,  # noqa: ARG005 - nothing is changed
    "without parts of names": _without_names,
    "as for a sample": _taken_out,
    "codec default": _fast_codec,
    "dynamic mapping": _dynamic,
    "refresh 100ms": _often,
    "refresh 30s": _seldom,
}


def cost_of_designs(client: Any, documents: Sequence[Document], *, rounds: int = 2) -> dict[str, dict[str, float]]:
    """The same documents into an index of each design, in turn; the better of the rounds, on disk after one merge."""
    template = client.indices.simulate_index_template(name=documents[0].stream).body["template"]
    found: dict[str, dict[str, float]] = {}
    for _ in range(rounds):
        for name, change in DESIGNS.items():
            changed = deepcopy(template)
            changed["settings"].setdefault("index", {})
            change(changed)
            rate, size = _measure(client, changed, documents)
            known = found.setdefault(name, {"documents_a_second": 0.0, "bytes_each": size})
            known["documents_a_second"] = max(known["documents_a_second"], rate)
    return found


def cost_of_samples(client: Any, documents: Sequence[Document]) -> dict[str, dict[str, float]]:
    """Bytes a call when of the successful ones one in so many has a document; what failed has one always."""
    template = client.indices.simulate_index_template(name=documents[0].stream).body["template"]
    _taken_out(template)
    found = {}
    for one_in in SAMPLES:
        kept = list(_sampled(documents, one_in))
        _, size = _measure(client, template, kept)
        found[f"one in {one_in}"] = {
            "documents": len(kept),
            "bytes_a_call": round(size * len(kept) / len(documents), 1),
        }
    return found


def _sampled(documents: Sequence[Document], one_in: int) -> Iterator[Document]:
    fine = 0
    for document in documents:
        body = orjson.loads(document.body)
        if body["event"]["outcome"] != "success":
            yield document
            continue
        fine += 1
        if not fine % one_in:
            yield replace(document, body=orjson.dumps(weighted(body, one_in)))


def _measure(client: Any, template: Template, documents: Sequence[Document]) -> tuple[float, float]:
    index = "design-measured"
    client.indices.delete(index=index, ignore_unavailable=True)
    client.indices.create(index=index, mappings=template["mappings"], settings=template["settings"])
    seconds = 0.0
    for start in range(0, len(documents), REQUEST):
        lines = b"".join(b'{"create":{}}\n%b\n' % one.body for one in documents[start : start + REQUEST])
        began = time.perf_counter()
        answer = client.bulk(index=index, operations=lines)
        seconds += time.perf_counter() - began
        assert not answer["errors"], str(answer)[:500]  # noqa: S101 - what was not written would be cheap
    client.indices.refresh(index=index)
    client.indices.forcemerge(index=index, max_num_segments=1)
    size = client.indices.stats(index=index, metric=["store"])["_all"]["primaries"]["store"]["size_in_bytes"]
    client.indices.delete(index=index)
    return round(len(documents) / seconds), round(size / len(documents))
