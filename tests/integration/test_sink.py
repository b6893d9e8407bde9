"""Where documents go: one contract for Elasticsearch and for files, and what only Elasticsearch can promise.

It also holds the scripted server of the unit tests to what the real one does. `make test-es8` runs it on version 8.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Refusal
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.ndjson import documents_in
from sinks.elasticsearch.stages import writer_for
from tests.conftest import RunningEngines
from tests.scenarios.engine_content import documents
from tests.unit.incidents_made import checkout, merged, weakness

pytestmark = pytest.mark.engines

GOOD = b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"%s"},"hypercare":{"outcome":"ok"}}'
BODY = b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"x"}}'


@pytest.fixture
def stream(project: str) -> str:
    return f"logs-hypercare.calls-default.{project}"


@dataclass(frozen=True)
class Outlet:
    """Somewhere to write documents to, and how to see what is there: ids with bodies."""

    access: Access
    look: Callable[[str], list[tuple[str, dict[str, Any]]]]

    def write(self, *written: Document) -> list[Refusal]:
        return write(self.access, *written)


@pytest.fixture(params=["elasticsearch", "file"])
def outlet(request: pytest.FixtureRequest, tmp_path: Path) -> Outlet:
    if request.param == "file":
        return Outlet(Access(tmp_path.as_uri()), lambda _: in_file(tmp_path / "calls.ndjson"))
    engines: RunningEngines = request.getfixturevalue("engines")
    return Outlet(access_of(engines), lambda stream: in_elasticsearch(engines, stream))


def access_of(engines: RunningEngines) -> Access:
    return Access(engines.endpoints.elasticsearch)


def in_elasticsearch(engines: RunningEngines, stream: str) -> list[tuple[str, dict[str, Any]]]:
    return [(hit["_id"], hit["_source"]) for hit in documents(engines.endpoints, stream)]


def in_file(file: Path) -> list[tuple[str, dict[str, Any]]]:
    """What is there, as a reader of the file sees it: a later version in place of an earlier one."""
    there: dict[str, dict[str, Any]] = {}
    for action, body in documents_in(file):
        (said,) = orjson.loads(action).values()
        there[said["_id"]] = orjson.loads(body)
    return list(there.items())


def write(access: Access, *written: Document) -> list[Refusal]:
    async def work() -> list[Refusal]:
        writer = writer_for("sink-calls", access)
        await writer.start()
        try:
            items = [(PlainRecord(document.id.encode()), document) for document in written]
            return list(await asyncio.wait_for(await writer.submit(items), 60))
        finally:
            await writer.stop()

    return asyncio.run(work())


def good(stream: str, name: str) -> Document:
    return Document(stream, name, GOOD.replace(b"%s", name.encode()))


def test_written_once_however_often_it_is_written(outlet: Outlet, stream: str) -> None:
    batch = [good(stream, f"id-{number}") for number in range(2_500)]
    assert outlet.write(*batch) == []
    assert outlet.write(*batch, good(stream, "id-0"), good(stream, "more")) == [], "a conflict means it is there"
    there = dict(outlet.look(stream))
    assert len(there) == 2_501
    assert there["id-7"] == orjson.loads(good(stream, "id-7").body)


def test_nothing_to_write_is_written(outlet: Outlet, stream: str) -> None:
    assert outlet.write() == []
    assert outlet.write(good(stream, "a")) == []


def test_the_first_of_two_documents_of_one_id_stays(outlet: Outlet, stream: str) -> None:
    assert outlet.write(good(stream, "a"), Document(stream, "a", BODY)) == []
    assert outlet.look(stream) == [("a", orjson.loads(good(stream, "a").body))]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 2)])
def test_of_a_document_that_lives_the_highest_version_stays(
    outlet: Outlet, project: str, order: tuple[int, ...]
) -> None:
    index = f"hypercare-feedback-default.{project}"

    def told(version: int) -> Document:
        return Document(
            index, "f", b'{"@timestamp":"2026-06-15T09:00:00Z","hypercare":{"revision":%d}}' % version, version
        )

    for version in order:
        assert outlet.write(told(version)) == [], "an earlier version, or the same again, is no error"
    assert outlet.write(*(told(version) for version in order)) == []
    ((name, body),) = outlet.look(index)
    assert (name, body["hypercare"]["revision"]) == ("f", 2)


def test_ids_with_quotes_and_control_characters_stay_one_line(outlet: Outlet, stream: str) -> None:
    strange = 'a"b\\c\nd'
    for _ in range(2):
        assert outlet.write(Document(stream, strange, BODY)) == []
    assert [name for name, _ in outlet.look(stream)] == [strange]


def test_an_id_that_is_longer_than_elasticsearch_takes(outlet: Outlet, stream: str) -> None:
    for _ in range(2):
        assert outlet.write(Document(stream, "😀" * 200, BODY)) == []
    assert len(outlet.look(stream)) == 1


def test_a_file_is_what_elasticsearch_takes(engines: RunningEngines, stream: str, tmp_path: Path) -> None:
    """As a person would load it, with curl: the file as it is, in one request."""
    batch = [*(good(stream, f"id-{number}") for number in range(300)), Document(stream, 'a"b\\c\nd', BODY)]
    write(Access(tmp_path.as_uri()), *batch)
    client = access_of(engines).client()
    try:
        answer = client.perform_request(
            "POST",
            "/_bulk",
            headers={"content-type": "application/x-ndjson", "accept": "application/json"},
            body=(tmp_path / "calls.ndjson").read_bytes(),
        ).body
    finally:
        client.close()
    assert answer["errors"] is False
    assert dict(in_elasticsearch(engines, stream)) == dict(in_file(tmp_path / "calls.ndjson"))


def test_a_bad_document_is_refused_with_elasticsearch_s_words_and_its_neighbours_are_written(
    engines: RunningEngines, stream: str
) -> None:
    bad = Document(stream, "bad", b'{"@timestamp":"not a time"}')
    ((record, why),) = write(access_of(engines), good(stream, "a"), bad, good(stream, "b"))
    assert record.value == b"bad"
    assert why.reason.startswith("elasticsearch_")
    assert "@timestamp" in why.detail
    assert {hit["_id"] for hit in documents(engines.endpoints, stream)} == {"a", "b"}


def test_on_a_full_disk_documents_wait_say_why_and_go_on_by_themselves(
    engines: RunningEngines, stream: str, project: str
) -> None:
    """With the block that Elasticsearch itself sets on every index of a disk that is too full."""
    living = f"hypercare-feedback-default.{project}"
    told = Document(living, "f", b'{"@timestamp":"2026-06-15T09:00:00Z","hypercare":{"revision":2}}', 2)
    assert write(access_of(engines), good(stream, "before"), replace(told, version=1)) == []
    batch = [*(good(stream, f"id-{number}") for number in range(1_200)), told]

    async def work(client: Any) -> tuple[str, str, list[Refusal]]:
        writer = BulkWriter(access_of(engines), waiting_after_s=0.2)
        await writer.start()
        try:
            block(client, on=True)
            written = asyncio.ensure_future(await writer.submit([(PlainRecord(b""), one) for one in batch]))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.shield(written), 3)
            full = writer.waiting()
            block(client, on=None)
            refused = list(await asyncio.wait_for(written, 60))
            return full, writer.waiting(), refused
        finally:
            await writer.stop()

    def block(client: Any, *, on: bool | None) -> None:
        client.indices.put_settings(index=f"{stream},{living}", settings={"index.blocks.read_only_allow_delete": on})

    client = access_of(engines).client()
    try:
        full, after, refused = asyncio.run(work(client))
    finally:
        client.close()
    assert "disk is full" in full
    assert "hypercare indices ls" in full
    assert (after, refused) == ("", [])
    assert len(in_elasticsearch(engines, stream)) == 1_201
    ((_, body),) = in_elasticsearch(engines, living)
    assert body["hypercare"]["revision"] == 2


def test_without_a_template_nothing_is_created_and_a_person_is_asked(engines: RunningEngines) -> None:
    with pytest.raises(Stop) as stopped:
        write(access_of(engines), good("hypercare-without-template", "a"))
    assert "hypercare setup" in stopped.value.fix


def test_without_its_template_no_index_is_made_for_what_lives(engines: RunningEngines) -> None:
    with pytest.raises(Stop) as stopped:
        write(access_of(engines), Document("hypercare-without-default.x", "a", BODY, 1))
    assert "hypercare setup" in stopped.value.fix
    assert not documents(engines.endpoints, "hypercare-without-*")


def test_fields_are_mapped_as_meant(engines: RunningEngines, stream: str) -> None:
    body = (
        b'{"@timestamp":"2026-06-15T09:00:00Z","event":{"id":"m"},"url":{"path":"/a/b"},"client":{"ip":"not an ip"},'
        b'"hypercare":{"attributes":{"any":"thing","n":1},"latency":{"total_ms":1.5}},"surprise":{"x":1}}'
    )
    assert write(access_of(engines), Document(stream, "m", body)) == [], (
        "a malformed address does not cost the document"
    )
    client = access_of(engines).client()
    try:
        client.indices.refresh(index=stream)
        mapping = next(iter(client.indices.get_mapping(index=stream).values()))["mappings"]["properties"]
        assert "surprise" not in mapping, "dynamic mapping is off"
        for query in ("hypercare.attributes.any:thing", "url.path.text:b", "_ignored:client.ip"):
            assert client.count(index=stream, q=query)["count"] == 1, query
    finally:
        client.close()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_an_incident_the_last_revision_stays_and_of_a_restricted_one_everybody_sees_only_that_it_is_there(
    engines: RunningEngines, project: str, order: tuple[int, int]
) -> None:
    revisions = [weakness(project=project), weakness(project=project, revision=4, state="triaged", state_version=1)]
    for number in order:
        assert write(access_of(engines), *incident_documents(revisions[number])) == []
    ((_, told),) = in_elasticsearch(engines, f"hypercare-incidents-default.{project}")
    ((_, whole),) = in_elasticsearch(engines, f"hypercare-incidents.restricted-default.{project}")
    assert told["hypercare"]["incident"]["state"] == whole["hypercare"]["incident"]["state"] == "triaged"
    assert "messages" not in told["hypercare"]["incident"]
    assert whole["hypercare"]["incident"]["messages"]


def test_open_incidents_are_found_by_severity_score_and_age_and_their_evidence_is_counted(
    engines: RunningEngines, project: str
) -> None:
    made = [checkout(project=project), weakness(project=project), merged(project=project)]
    assert write(access_of(engines), *(one for incident in made for one in incident_documents(incident))) == []
    client = access_of(engines).client()
    index = f"hypercare-incidents-default.{project}"
    try:
        client.indices.refresh(index=index)
        found = client.search(
            index=index,
            query={"bool": {"filter": [{"term": {"hypercare.incident.open": True}}]}},
            sort=[{"hypercare.incident.priority": "asc"}, {"hypercare.incident.score.order": "desc"}],
            aggs={
                "severity": {
                    "terms": {"field": "hypercare.incident.severity"},
                    "aggs": {"score": {"max": {"field": "hypercare.incident.score.value"}}},
                },
                "oldest": {"min": {"field": "hypercare.incident.onset"}},
                "complaints": {"sum": {"field": "hypercare.incident.evidence_counts.group"}},
            },
        )
        for query in (
            "hypercare.incident.title.text:safari",
            "hypercare.incident.messages.text.en:paying",
            "hypercare.incident.evidence.what.en:call AND hypercare.incident.evidence.kind:finding",
            "hypercare.incident.targets.communicate.state:soon",
            "hypercare.incident.samples.route.text:payments AND hypercare.incident.samples.status:>=500",
            "hypercare.incident.score.inputs.in_breach:true AND hypercare.incident.score.parts.urgency:>0.5",
        ):
            assert client.count(index=index, q=query)["count"] == 1, query
    finally:
        client.close()
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["inc-7c41aa", "inc-3e8f10"], "the merged one is not open"
    counted = {bucket["key"]: bucket["score"]["value"] for bucket in found["aggregations"]["severity"]["buckets"]}
    assert counted["S1"] == pytest.approx(made[0].score.value, abs=0.01)
    assert counted["S2"] == pytest.approx(made[1].score.value, abs=0.01)
    assert found["aggregations"]["complaints"]["value"] == 2
    assert found["aggregations"]["oldest"]["value_as_string"].startswith("2026-06-15T12:00:00")
