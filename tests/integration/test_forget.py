"""Somebody is forgotten on real Kafka and Elasticsearch; then everything is replayed, and they stay away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest

from contracts.calls import EnrichedCall
from contracts.cloudevents import headers_for
from contracts.feedback import EnrichedFeedback
from contracts.groups import FeedbackGroup
from contracts.pseudonyms import pseudonym
from contracts.topics import FEEDBACK_SCORED, FEEDBACK_STATE, GROUPS, HEALTH_STATE, INCIDENTS_STATE
from hypercare.searching.forget import forget_everywhere, pseudonyms_of
from hypercare.topics import apply_topics
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from processors.runtime.transactions import Entry, Transactions
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.census import census
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.forget_documents import affected, find
from sinks.elasticsearch.forgotten import FORGOTTEN, INDEX, load
from sinks.elasticsearch.stages import SinkStage, feedback_sink, writer_for
from tests.conftest import RunningEngines
from tests.unit.feedback.desk import NINE, SPINS, SPINS_TOO, Desk

pytestmark = pytest.mark.engines

BEN = "ben@example.com"


def ana(project: str) -> str:
    """Somebody else in each test."""
    return f"ana-{project}@example.com"


class Told(Desk):
    """Keeps every event in the order in which it was told, as its topic does."""

    def __init__(self, project: str) -> None:
        super().__init__()
        self.project, self.events = project, list[Any]()

    def take(self, topic: str, **body: Any) -> list[Any]:
        return super().take(topic, **{"project": self.project, **body})

    def _see(self, outputs: Any) -> list[Any]:
        found = super()._see(outputs)
        self.events += found
        return found


WEIGHT = 7
"""Calls that a document of the person stands for."""


@pytest.fixture
def desk(project: str) -> Told:
    made = Told(project)
    made.say("f1", SPINS, reporter={"contact_ref": ana(project)}, session="s-ana")
    made.say("f2", SPINS_TOO, reporter={"contact_ref": BEN})
    return made


@pytest.fixture
def client(engines: RunningEngines) -> Iterator[Any]:
    found = Access(engines.endpoints.elasticsearch).client()
    yield found
    found.indices.delete(index=INDEX, ignore_unavailable=True)
    found.close()


def call_of(**said: Any) -> EnrichedCall:
    made = {"id": "c", "occurred_at": NINE, "request": {"path": "/pay"}, "response": {"status": 502}}
    return EnrichedCall.model_validate({**made, "outcome": "upstream_error", **said})


def write(engines: RunningEngines, documents: Sequence[Document]) -> None:
    async def work() -> None:
        writer = writer_for("sink-all", Access(engines.endpoints.elasticsearch))
        await writer.start()
        try:
            items = [(PlainRecord(document.id.encode()), document) for document in documents]
            assert await asyncio.wait_for(await writer.submit(items), 60) == []
        finally:
            await writer.stop()

    asyncio.run(work())


def through(sink: SinkStage, desk: Told) -> list[Document]:
    """What the sink makes of everything the stage told, from the first record on."""
    topics: dict[Any, str] = {EnrichedFeedback: FEEDBACK_SCORED.name, FeedbackGroup: GROUPS.name}
    made: list[Document] = []
    for event in desk.events:
        if type(event) in topics:
            headers: Any = headers_for(event, "urn:test")
            made += sink.process(PlainRecord(event.encode(), topic=topics[type(event)], headers=headers))
    return made


def in_project(client: Any, project: str) -> bytes:
    names = f"hypercare-*.{project},logs-hypercare.*.{project}"
    client.indices.refresh(index=names)
    return orjson.dumps([hit["_source"] for hit in client.search(index=names, size=100)["hits"]["hits"]])


def keeper(engines: RunningEngines, prefix: str) -> Transactions:
    """As the stage itself writes its state."""
    found = Transactions(
        engines.endpoints.kafka, transactional_id=f"{prefix}feedback/0", topic_prefix=prefix, state=FEEDBACK_STATE.name,
        partition=0,
    )  # fmt: skip
    found.take_over()
    return found


def test_forgotten_everywhere_and_still_after_a_replay(
    engines: RunningEngines, client: Any, desk: Told, prefix: str
) -> None:
    project, kafka = desk.project, engines.endpoints.kafka
    apply_topics(kafka, prefix=prefix, partitions=1, topics=(FEEDBACK_STATE, INCIDENTS_STATE, HEALTH_STATE))
    stage = keeper(engines, prefix)
    stage.commit([], [Entry(*entry) for entry in desk.state.take_changes()])
    names, session = pseudonyms_of(ana(project), b"k"), pseudonym(f"browser of {project}", b"k")
    call = call_of(id="c1", project=project, user=names[0], session=session)
    logged_out = call_of(id="c2", project=project, user=None, session=session)
    documents = [*through(feedback_sink(), desk), call_document(call), call_document(logged_out, WEIGHT)]
    write(engines, documents)
    for word in (names[0].encode(), SPINS.encode(), session.encode()):
        assert word in in_project(client, project), "it was there"

    person = find(client, names)
    assert person.messages == (f"default/{project}|f1",)
    assert SPINS in person.sentences, "it stands for the group, and why the other message is like it"
    assert session in person.names, "a session of theirs is found by its calls"
    places = {place.place: place for place in forget_everywhere(client, kafka, person, prefix=prefix)}

    assert places["documents: feedback"].before >= 1
    assert places["documents: calls"].before == 2
    assert places["state of feedback"].before > 0
    assert all(place.after == 0 for place in places.values())
    left = in_project(client, project)
    for word in (names[0].encode(), SPINS.encode(), session.encode()):
        assert word not in left
    assert SPINS_TOO.encode() in left, "others are not touched"
    assert FORGOTTEN.encode() in left
    (calls,) = (one for one in census(client, f"logs-hypercare.calls-default.{project}") if one.kind == "calls")
    assert (calls.documents, calls.stands_for) == (2, 1 + WEIGHT), "a document of a sample weighs what it did"

    restored = State(desk.stage.tables)
    latest = dict(keeper(engines, prefix).read_state())
    for key, value in latest.items():
        restored.restore(key, value)
    assert all(names[0].encode() not in key + (value or b"") for key, value in latest.items())

    with pytest.raises(Exception, match="another worker"):
        stage.commit([], [Entry(b"feedback_taken/x", b"true")])

    client.indices.delete(index=f"hypercare-feedback-default.{project},hypercare-groups-default.{project}")
    again = feedback_sink()
    again.forgotten = load(client)
    write(engines, [*through(again, desk), *(again.forgotten.applied(one) for one in documents[-2:])])
    replayed = in_project(client, project)
    for word in (names[0].encode(), SPINS.encode(), session.encode()):
        assert word not in replayed, "a replay of the topics does not bring it back"
    assert SPINS_TOO.encode() in replayed
    assert affected(client, person) == {}


def test_without_the_list_a_replay_would_bring_it_back(engines: RunningEngines, client: Any, desk: Told) -> None:
    """So it is the list that keeps it away."""
    write(engines, through(feedback_sink(), desk))
    assert SPINS.encode() in in_project(client, desk.project)


def test_somebody_nobody_knows_is_put_on_the_list(engines: RunningEngines, client: Any, prefix: str) -> None:
    person = find(client, pseudonyms_of("nobody@example.com", b"k"))
    assert (person.messages, person.sentences) == ((), ())
    places = forget_everywhere(client, engines.endpoints.kafka, person, prefix=prefix)
    assert [place for place in places if place.before] == []
    assert load(client).has("person", person.names[0])
