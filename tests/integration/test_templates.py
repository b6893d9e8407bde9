"""What templates make of indices, on a real server: words found, the user's own templates, an upgrade with data."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from contracts.calls import EnrichedCall
from contracts.json_schema import example_file
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Refusal
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.census import census, expire
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.stages import writer_for
from sinks.elasticsearch.templates import RETENTION, apply_templates, component_templates, index_templates
from sinks.elasticsearch.upgrade import COPY, places, upgrade
from tests.conftest import RunningEngines

pytestmark = [pytest.mark.engines, pytest.mark.alone]

AT = "2026-06-15T09:00:00Z"


@pytest.fixture
def client(engines: RunningEngines) -> Iterator[Any]:
    found = Access(engines.endpoints.elasticsearch).client()
    yield found
    apply_templates(found)
    found.close()


def write(engines: RunningEngines, *documents: Document) -> list[Refusal]:
    async def work() -> list[Refusal]:
        writer = writer_for("sink-all", Access(engines.endpoints.elasticsearch))
        await writer.start()
        try:
            items = [(PlainRecord(document.id.encode()), document) for document in documents]
            return list(await asyncio.wait_for(await writer.submit(items), 60))
        finally:
            await writer.stop()

    return asyncio.run(work())


def message(project: str, name: str, text: str, revision: int = 0) -> Document:
    body = {"@timestamp": AT, "message": text, "hypercare": {"project": project, "revision": revision}}
    return Document(f"hypercare-feedback-default.{project}", name, orjson.dumps(body), revision)


def call(project: str, name: str, **error: str) -> Document:
    body = {"@timestamp": AT, "event": {"id": name}, "error": error, "hypercare": {"project": project}}
    return Document(f"logs-hypercare.calls-default.{project}", name, orjson.dumps(body))


def found(client: Any, index: str, field: str, text: str, operator: str = "and") -> list[str]:
    client.indices.refresh(index=index)
    hits = client.search(index=index, query={"match": {field: {"query": text, "operator": operator}}})["hits"]["hits"]
    return sorted(hit["_id"] for hit in hits)


@pytest.mark.parametrize(
    "said",
    [
        ("en", "The payments were failing twice", "payment fails"),
        ("de", "Die Zahlungen schlugen fehl", "Zahlung"),
        ("fr", "Les paiements échouaient hier", "paiement"),
        ("es", "Siempre hay errores", "error"),
        ("pt", "Os pagamentos falharam ontem", "pagamento"),
        ("zh", "结账时支付失败了", "支付失败"),
    ],
)
def test_a_word_is_found_in_its_other_forms(
    engines: RunningEngines, client: Any, project: str, said: tuple[str, str, str]
) -> None:
    language, written, asked = said
    assert write(engines, message(project, "m", written), message(project, "other", "tout va bien, alles gut")) == []
    index = f"hypercare-feedback-default.{project}"
    assert found(client, index, f"message.{language}", asked) == ["m"]
    assert found(client, index, "message", asked) == [] or language == "zh", "so the language is what finds it"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("PaymentServiceTimeout", ["whole"]),
        ("paymentservicetimeout", ["whole"]),
        ("timeout", ["parts", "whole"]),
        ("PaymentService", ["whole"]),
        ("HTTP-502", ["code"]),
        ("502", ["code"]),
        ("pay_svc-1", ["host"]),
        ("pay_svc-2", []),
        ("svc", ["host"]),
    ],
)
def test_names_and_codes_are_found_whole_and_by_their_parts(
    engines: RunningEngines, client: Any, project: str, asked: str, wanted: list[str]
) -> None:
    written = [
        call(project, "whole", message="it raised (PaymentServiceTimeout)."),
        call(project, "parts", message="a timeout of something else"),
        call(project, "code", message='answered "HTTP-502",'),
        call(project, "host", message="at pay_svc-1:"),
    ]
    assert write(engines, *written) == []
    assert found(client, f"logs-hypercare.calls-default.{project}", "error.message.names", asked) == wanted


def test_hostile_texts_cost_no_document(engines: RunningEngines, client: Any, project: str) -> None:
    texts = [
        "", "\u200b\u200b",
        "…" * 300_000, "x" * 1_000_000, "👩\u200d👩\u200d👧 " * 20_000, "مرحبا " * 1_000, "aB" * 100_000,
        "a-" * 400,
    ]  # fmt: skip
    for number, text in enumerate(texts):  # one at a time: aiohttp warns of bodies above a megabyte
        assert write(engines, message(project, f"m{number}", text)) == []
    client.indices.refresh(index=f"hypercare-feedback-default.{project}")
    assert client.count(index=f"hypercare-feedback-default.{project}")["count"] == len(texts)


def test_every_kind_is_kept_for_as_long_as_is_said(client: Any) -> None:
    for kind, kept in RETENTION.items():
        (name,) = (one for one in index_templates() if one.endswith(f".{kind}"))
        (said,) = client.indices.get_index_template(name=name)["index_templates"]
        assert said["index_template"]["template"]["lifecycle"]["data_retention"] == kept


def test_the_user_s_own_template_comes_last(engines: RunningEngines, client: Any, project: str) -> None:
    own = {"settings": {"index": {"number_of_replicas": 1}}, "mappings": {"properties": {"team": {"type": "keyword"}}}}
    client.cluster.put_component_template(name="hypercare@custom", template=own)
    mine = {
        "mappings": {"properties": {"hypercare": {"properties": {"consumer": {"type": "keyword", "ignore_above": 9}}}}}
    }
    client.cluster.put_component_template(name="hypercare-calls@custom", template=mine)
    try:
        assert apply_templates(client), "ours can be put in place again with the user's there"
        assert write(engines, call(project, "a", code="X")) == []
        index = next(iter(client.indices.get(index=f"logs-hypercare.calls-default.{project}").values()))
        assert index["settings"]["index"]["number_of_replicas"] == "1"
        assert index["mappings"]["properties"]["team"] == {"type": "keyword"}
        assert index["mappings"]["properties"]["hypercare"]["properties"]["consumer"]["ignore_above"] == 9
        assert "route" in index["mappings"]["properties"]["http"]["properties"], "ours is still there"
    finally:
        remove_custom(client)


def test_a_conflict_with_the_user_s_mapping_refuses_documents_and_loses_none(
    engines: RunningEngines, client: Any, project: str
) -> None:
    """The server takes such a template; what does not fit becomes a dead letter that says so."""
    bad = {"mappings": {"properties": {"error": {"properties": {"code": {"type": "object"}}}}}}
    client.cluster.put_component_template(name="hypercare-calls@custom", template=bad)
    try:
        ((record, why),) = write(engines, call(project, "a", code="E-1"))
    finally:
        remove_custom(client)
    assert (record.value, why.reason) == (b"a", "elasticsearch_document_parsing_exception")
    assert "error.code" in why.detail


def remove_custom(client: Any) -> None:
    """Templates that are used cannot be removed: they are emptied."""
    for name in ("hypercare@custom", "hypercare-calls@custom", "hypercare-health@custom"):
        client.cluster.put_component_template(name=name, template={})


def earlier(part: Any) -> Any:
    """A template as it was before words had languages and names."""
    if not isinstance(part, dict):
        return part
    gone = {"analysis", "_meta", "names", *KINDS_OF_WORDS}
    return {name: earlier(value) for name, value in part.items() if name not in gone}


KINDS_OF_WORDS = {"de", "fr", "es", "pt", "zh"}


@pytest.fixture
def made_earlier(engines: RunningEngines, client: Any) -> str:
    """A project whose indices were made by earlier templates; nobody else makes any meanwhile."""
    project = f"old{uuid.uuid4().hex[:8]}"
    try:
        for name, body in component_templates().items():
            client.cluster.put_component_template(name=name, **earlier(body))
        assert (
            write(engines, message(project, "m", "Die Zahlungen schlugen fehl", 7), call(project, "c", code="E-1"))
            == []
        )
    finally:
        apply_templates(client)
    return project


def ours(client: Any, project: str) -> dict[str, bool]:
    return {
        place.name: place.current
        for place in places(client, f"*hypercare*.{project}")
        if place.name.endswith(f".{project}")
    }


def test_new_templates_change_nothing_for_what_is_there(
    engines: RunningEngines, client: Any, made_earlier: str
) -> None:
    project = made_earlier
    index = f"hypercare-feedback-default.{project}"
    assert ours(client, project) == {index: False, f"logs-hypercare.calls-default.{project}": False}
    assert write(engines, message(project, "n", "another", 1), message(project, "m", "Die Zahlung geht", 8)) == []
    assert write(engines, call(project, "d", code="E-2")) == []
    assert found(client, index, "message", "Zahlung") == ["m"], "written to, and found, as before"
    assert found(client, index, "message.de", "Zahlungen") == [], "but not in its other forms"


def test_an_upgrade_brings_the_new_fields_and_loses_nothing(
    engines: RunningEngines, client: Any, made_earlier: str
) -> None:
    project = made_earlier
    index, stream = f"hypercare-feedback-default.{project}", f"logs-hypercare.calls-default.{project}"
    done = dict(upgrade(client, f"*hypercare*.{project}"))
    assert done[index] == "copied, 1 documents"
    assert done[stream] == "rolled over"
    assert ours(client, project) == {index: True, stream: True}
    assert dict(upgrade(client, f"*hypercare*.{project}")) == {}, "again changes nothing"
    assert found(client, index, "message.de", "Zahlung") == ["m"]
    assert client.get(index=index, id="m")["_version"] == 7
    assert write(engines, message(project, "m", "an earlier revision", 6)) == []
    assert found(client, index, "message", "earlier") == [], "versions came along"
    assert write(engines, message(project, "m", "a later revision", 8), call(project, "e", message="aTimeout")) == []
    assert found(client, index, "message", "later") == ["m"]
    assert found(client, stream, "error.message.names", "timeout") == ["e"]
    backing = next(place.indices for place in places(client) if place.name == stream)
    assert len(backing) == 2, "what was there before stays where it is"
    assert client.count(index=stream)["count"] == 2


@pytest.mark.parametrize("at", ["before the original went", "after it went", "written to anew"])
def test_an_upgrade_that_was_interrupted_goes_on(
    engines: RunningEngines, client: Any, made_earlier: str, at: str
) -> None:
    project = made_earlier
    index = f"hypercare-feedback-default.{project}"
    client.indices.create(index=index + COPY)
    client.indices.refresh(index=index)
    client.reindex(source={"index": index}, dest={"index": index + COPY, "version_type": "external"}, refresh=True)
    if at != "before the original went":
        client.indices.delete(index=index)
    if at == "written to anew":
        assert write(engines, message(project, "n", "new", 1)) == []
    assert list(upgrade(client, f"*hypercare*.{project}"))
    assert ours(client, project)[index]
    client.indices.refresh(index=index)
    assert client.get(index=index, id="m")["_version"] == 7
    assert not client.indices.exists(index=index + COPY)
    assert client.count(index=index)["count"] == (2 if at == "written to anew" else 1)


def test_a_census_counts_documents_and_fields_that_could_not_be_read(
    engines: RunningEngines, client: Any, project: str
) -> None:
    stream = f"logs-hypercare.calls-default.{project}"
    bad = Document(stream, "bad", orjson.dumps({"@timestamp": AT, "client": {"ip": "no address"}}))
    assert write(engines, call(project, "a", code="E"), call(project, "b", code="E"), bad) == []
    client.indices.refresh(index=stream)
    (counted,) = (one for one in census(client, stream) if one.name == stream)
    assert (counted.documents, counted.left_out, counted.indices, counted.current) == (3, 1, 1, True)
    assert counted.kept == RETENTION["calls"]
    assert counted.stands_for == 0, "documents without the field that every call has stand for none"
    assert counted.bytes_a_document > 0


def test_a_document_of_a_sample_counts_as_often_as_it_stands_for(
    engines: RunningEngines, client: Any, project: str
) -> None:
    """In every way in which somebody may count, but for hits; what a reader of documents sees is one call."""
    stream = f"logs-hypercare.calls-default.{project}"
    said = orjson.loads(example_file(EnrichedCall).read_bytes().splitlines()[0]) | {"outcome": "ok", "project": project}
    kept, failed = (
        EnrichedCall.model_validate_json(
            orjson.dumps(said | {"id": name, "outcome": outcome, "latency": {"total_ms": ms}})
        )
        for name, outcome, ms in (("kept", "ok", 20.0), ("failed", "upstream_error", 900.0))
    )
    apply_templates(client, sampled=True)
    assert write(engines, call_document(kept, 9), call_document(failed)) == []
    client.indices.refresh(index=stream)
    ms = "hypercare.latency.total_ms"
    found = client.search(
        index=stream,
        fields=[ms],
        sort=[{"hypercare.failed": "asc"}],
        aggs={
            "calls": {"value_count": {"field": "hypercare.failed"}},
            "weights": {"sum": {"field": "hypercare.weight"}},
            "share": {"avg": {"field": "hypercare.failed"}},
            "median": {"percentiles": {"field": ms, "percents": [50]}},
            "ends": {"terms": {"field": "hypercare.outcome"}},
        },
    ).body
    counted = found["aggregations"]
    assert (counted["calls"]["value"], counted["weights"]["value"], counted["share"]["value"]) == (10, 10, 0.1)
    assert counted["median"]["values"]["50.0"] == 20.0
    assert [(one["key"], one["doc_count"]) for one in counted["ends"]["buckets"]] == [("ok", 9), ("upstream_error", 1)]
    sampled = found["hits"]["hits"][0]
    assert (sampled["fields"][ms], "others" in sampled["_source"]["hypercare"]) == ([20.0], False)
    assert next(one for one in census(client, stream) if one.name == stream).stands_for == 10


def test_what_is_too_old_goes_and_open_incidents_stay(engines: RunningEngines, client: Any, project: str) -> None:
    now = datetime(2027, 6, 15, tzinfo=UTC)  # a year later
    feedback, incidents = f"hypercare-feedback-default.{project}", f"hypercare-incidents-default.{project}"
    young = orjson.dumps({"@timestamp": "2027-06-01T09:00:00Z", "message": "young"})
    old = {"@timestamp": "2020-06-01T09:00:00Z"}
    written = [
        message(project, "old", "old"),
        Document(feedback, "young", young, 0),
        Document(incidents, "over", orjson.dumps({**old, "hypercare": {"incident": {"open": False}}}), 0),
        Document(incidents, "open", orjson.dumps({**old, "hypercare": {"incident": {"open": True}}}), 0),
    ]
    assert write(engines, *written) == []
    client.indices.refresh(index=f"{feedback},{incidents}")
    deleted = dict(expire(client, now, f"hypercare-*.{project}"))
    assert (deleted[feedback], deleted[incidents]) == (1, 1)
    left = client.search(index=f"{feedback},{incidents}")["hits"]["hits"]
    assert {hit["_id"] for hit in left} == {"young", "open"}
