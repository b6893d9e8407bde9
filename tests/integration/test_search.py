"""`hypercare search` on real Elasticsearch: what is found, and the way from a message to its calls and back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.calls import EnrichedCall
from contracts.feedback import EnrichedFeedback
from contracts.incidents import Incident
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.stages import writer_for
from sinks.search.answer import Answer, ask
from sinks.search.mark import OPEN_MARK, wanted
from sinks.search.question import Question, searches
from sinks.search.related import about, kind_of_document, like
from sinks.search.synonyms import SHIPPED, read_synonyms
from tests.conftest import RunningEngines
from tests.unit.kibana.chain import Chain
from tests.unit.kibana.seeded import documents, incidents_now, last_monday, seeded

pytestmark = pytest.mark.engines

PROJECT = "searching"
SYNONYMS = read_synonyms([SHIPPED.read_text(encoding="utf-8")])


@pytest.fixture(scope="module")
def chain() -> Chain:
    return seeded(PROJECT, last_monday())


@pytest.fixture(scope="module")
def client(engines: RunningEngines, chain: Chain) -> Iterator[Any]:
    access = Access(engines.endpoints.elasticsearch)
    made = list(documents(chain))

    async def work() -> None:
        writer = writer_for("sink-all", access)
        await writer.start()
        try:
            for start in range(0, len(made), 400):  # aiohttp warns of bodies above a megabyte
                part = [(PlainRecord(one.key.encode()), one) for one in made[start : start + 400]]
                assert await (await writer.submit(part)) == []
        finally:
            await writer.stop()

    asyncio.run(work())
    found = access.client()
    found.indices.refresh(index=f"*hypercare*.{PROJECT}")
    yield found
    found.close()


def answers(client: Any, question: Question) -> dict[str, Answer]:
    asked = searches(question, SYNONYMS)
    return {answer.kind: answer for answer in ask(client, asked, wanted(question.text, SYNONYMS))}


def ids(answer: Answer | None) -> set[str]:
    return {hit.id for hit in answer.hits} if answer else set()


def latest(chain: Chain) -> dict[str, EnrichedFeedback]:
    return {event.id: event for event in chain.of(EnrichedFeedback)}


def test_a_word_finds_those_that_mean_the_same_in_other_languages(client: Any, chain: Chain) -> None:
    said = {word for one in latest(chain).values() for word in re.findall(r"\w+", one.text.casefold())}
    word, alike = next(
        (word, said.intersection(same)) for word, same in SYNONYMS.items() if word not in said and said & set(same)
    )
    question = Question(word, project=PROJECT, kinds=("feedback",), size=100)
    without = ask(client, searches(question, {}))[0]
    found = answers(client, question)["feedback"]
    assert without.total < found.total
    passages = [passage.casefold() for hit in found.hits for passage in hit.passages]
    assert any(f"{OPEN_MARK}{other}" in passage for passage in passages for other in alike)


@pytest.mark.parametrize("kind", ["feedback", "calls", "incidents"])
def test_an_id_finds_its_document_first(client: Any, chain: Chain, kind: Any) -> None:
    wanted_id = {
        "feedback": chain.of(EnrichedFeedback)[5].id,
        "calls": chain.of(EnrichedCall)[5].id,
        "incidents": chain.of(Incident)[0].incident,
    }[kind]
    found = answers(client, Question(wanted_id, project=PROJECT, kinds=(kind,)))[kind]
    assert found.hits[0].id == wanted_id


def test_limits_narrow_what_is_found(client: Any, chain: Chain) -> None:
    route = chain.of(EnrichedCall)[0].request.route
    assert route
    calls = answers(client, Question(project=PROJECT, route=route, kinds=("calls",), size=100))["calls"]
    assert calls.total == sum(call.request.route == route for call in chain.of(EnrichedCall))
    assert answers(client, Question(project="another"))["calls"].total == 0
    newest = max(call.occurred_at for call in chain.of(EnrichedCall))
    since = (newest - timedelta(minutes=1)).isoformat()
    found = answers(client, Question(project=PROJECT, since=since, kinds=("calls",)))["calls"]
    assert 0 < found.total == sum(call.occurred_at >= newest - timedelta(minutes=1) for call in chain.of(EnrichedCall))


def test_severity_is_at_least_so_severe(client: Any, chain: Chain) -> None:
    found = answers(client, Question(project=PROJECT, severity="S2", size=100))
    assert set(found) == {"incidents", "feedback"}
    assert ids(found["incidents"]) == {
        one.incident for one in incidents_now(chain).values() if one.severity in {"S1", "S2"}
    }
    severe = {one.id for one in latest(chain).values() if one.severity and round(one.severity.value, 4) >= 0.6}
    assert found["feedback"].total == len(severe) > 0


def source_of(client: Any, index: str, name: str) -> dict[str, Any]:
    source: dict[str, Any] = client.search(index=index, query={"ids": {"values": [name]}})["hits"]["hits"][0]["_source"]
    return source


def test_from_a_message_to_its_calls_and_back(client: Any, chain: Chain) -> None:
    message = next(
        one for one in latest(chain).values() if one.links and not (one.security and one.security.restricted)
    )
    source = source_of(client, f"hypercare-feedback-default.{PROJECT}", message.id)
    assert kind_of_document(source) == "feedback"
    calls = {answer.kind: answer for answer in ask(client, about(Question(size=100), "feedback", source, message.id))}
    assert {link.call for link in message.links} <= ids(calls["calls"])
    call = source_of(client, f"logs-hypercare.calls-default.{PROJECT}", message.links[0].call)
    back = {
        answer.kind: answer for answer in ask(client, about(Question(size=100), "calls", call, message.links[0].call))
    }
    assert message.id in ids(back["feedback"])


def test_from_an_incident_to_its_messages(client: Any, chain: Chain) -> None:
    incident = next(one for one in incidents_now(chain).values() if one.feedback and not one.restricted)
    source = source_of(client, f"hypercare-incidents-default.{PROJECT}", incident.incident)
    found = {
        answer.kind: answer for answer in ask(client, about(Question(size=100), "incidents", source, incident.incident))
    }
    assert ids(found["feedback"]) == set(incident.feedback)


def test_what_reads_alike_is_found(client: Any, chain: Chain) -> None:
    """Its nearest report is, and first of all where the words are the same: a group may hold other words as well."""
    open_ones = {name: one for name, one in latest(chain).items() if not (one.security and one.security.restricted)}
    pairs = [one for one in open_ones.values() if one.group and one.group.nearest in open_ones]
    closest = sorted(pairs, key=lambda one: -(one.group.similarity if one.group else 0))[:5]
    assert closest
    for one in closest:
        source = source_of(client, f"hypercare-feedback-default.{PROJECT}", one.id)
        asked = like(Question(project=PROJECT, kinds=("feedback",), size=100), "feedback", source, one.id)
        found = ids(ask(client, asked)[0])
        assert one.id not in found
        nearest = one.group.nearest if one.group else None
        assert nearest in found, (one.text, nearest)


def test_restricted_words_are_not_found(client: Any, chain: Chain) -> None:
    secret = next(one for one in latest(chain).values() if one.id == "weak-1")
    assert secret.security
    assert secret.security.restricted
    found = answers(client, Question("orders of other customers number in the address", project=PROJECT, size=100))
    assert all("other customers" not in " ".join(hit.passages) for answer in found.values() for hit in answer.hits)
