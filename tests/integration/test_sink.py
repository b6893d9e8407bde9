"""The bulk loop on a real Elasticsearch: what the scripted server of the unit tests claims about it."""

from __future__ import annotations

import asyncio

import pytest

from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Refusal
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.documents import Document
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents

pytestmark = pytest.mark.engines

GOOD = b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"%s"},"hypercare":{"outcome":"ok"}}'


@pytest.fixture
def stream(project: str) -> str:
    return f"logs-hypercare.calls-default.{project}"


def write(engines: RunningEngines, *written: Document) -> list[Refusal]:
    async def work() -> list[Refusal]:
        writer = BulkWriter(Access(engines.endpoints.elasticsearch))
        await writer.start()
        try:
            items = [(PlainRecord(document.id.encode()), document) for document in written]
            return list(await asyncio.wait_for(await writer.submit(items), 60))
        finally:
            await writer.stop()

    return asyncio.run(work())


def good(stream: str, name: str) -> Document:
    return Document(stream, name, GOOD.replace(b"%s", name.encode()))


def test_written_once_however_often_it_is_written(engines: RunningEngines, stream: str) -> None:
    batch = [good(stream, f"id-{number}") for number in range(2_500)]
    assert write(engines, *batch) == []
    assert write(engines, *batch) == [], "a conflict means it is there"
    assert len(documents(engines.endpoints, stream)) == 2_500


def test_a_bad_document_is_refused_with_elasticsearch_s_words_and_its_neighbours_are_written(
    engines: RunningEngines, stream: str
) -> None:
    bad = Document(stream, "bad", b'{"@timestamp":"not a time"}')
    ((record, why),) = write(engines, good(stream, "a"), bad, good(stream, "b"))
    assert record.value == b"bad"
    assert why.reason.startswith("elasticsearch_")
    assert "@timestamp" in why.detail
    assert {hit["_id"] for hit in documents(engines.endpoints, stream)} == {"a", "b"}


def test_ids_with_quotes_and_control_characters_stay_one_line(engines: RunningEngines, stream: str) -> None:
    strange = 'a"b\\c\nd'
    body = b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"x"}}'
    assert write(engines, Document(stream, strange, body)) == []
    assert [hit["_id"] for hit in documents(engines.endpoints, stream)] == [strange]


def test_an_id_that_is_longer_than_elasticsearch_takes(engines: RunningEngines, stream: str) -> None:
    body = b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"long"}}'
    for _ in range(2):
        assert write(engines, Document(stream, "😀" * 200, body)) == []
    assert len(documents(engines.endpoints, stream)) == 1


def test_without_a_template_nothing_is_created_and_a_person_is_asked(engines: RunningEngines) -> None:
    with pytest.raises(Stop) as stopped:
        write(engines, good("hypercare-without-template", "a"))
    assert "hypercare setup" in stopped.value.fix


def test_fields_are_mapped_as_meant(engines: RunningEngines, stream: str) -> None:
    body = (
        b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"m"},"url":{"path":"/a/b"},"client":{"ip":"not an ip"},'
        b'"hypercare":{"attributes":{"any":"thing","n":1},"latency":{"total_ms":1.5}},"surprise":{"x":1}}'
    )
    assert write(engines, Document(stream, "m", body)) == [], "a malformed address does not cost the document"
    client = Access(engines.endpoints.elasticsearch).client()
    try:
        client.indices.refresh(index=stream)
        mapping = next(iter(client.indices.get_mapping(index=stream).values()))["mappings"]["properties"]
        assert "surprise" not in mapping, "dynamic mapping is off"
        for query in ("hypercare.attributes.any:thing", "url.path.text:b", "_ignored:client.ip"):
            assert client.count(index=stream, q=query)["count"] == 1, query
    finally:
        client.close()
