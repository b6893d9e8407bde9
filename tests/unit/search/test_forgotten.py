"""What goes of documents and of stage state when somebody is forgotten, and what stays."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cloudevents import headers_for
from contracts.feedback import EnrichedFeedback
from contracts.pseudonyms import pseudonym_of_person
from hypercare.searching.forget import audit_entries, kept_by_kafka, pseudonyms_of
from hypercare.searching.forgotten_entries import Forgetting
from processors.incidents.people import People, hashed
from processors.runtime import metrics
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.feedback_documents import feedback_documents
from sinks.elasticsearch.forget_documents import Person
from sinks.elasticsearch.forgotten import FORGOTTEN, NOBODY, Forgotten
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.stages import feedback_sink
from tests.unit.feedback.desk import INVOICE, SPINS, SPINS_TOO, Desk
from tests.unit.incidents_made import checkout

KEY = b"k"
ANA, BEN = pseudonym_of_person("ana@example.com", KEY), pseudonym_of_person("ben@example.com", KEY)


def told(desk: Desk) -> list[EnrichedFeedback]:
    return list(desk.feedback.values())


@pytest.fixture(scope="module")
def desk() -> Desk:
    made = Desk()
    made.say("f1", SPINS, reporter={"contact_ref": "ana@example.com"}, session="s-ana", context={"locale": "pt-PT"})
    made.say("f2", SPINS_TOO, reporter={"contact_ref": "ben@example.com"})
    made.say("f3", INVOICE, reporter={"contact_ref": "ana@example.com"}, attributes={"customer": "c-17"})
    return made


def person(desk: Desk, *names: str) -> Person:
    sessions = {one.session for one in told(desk) if one.reporter.pseudonym in names and one.session}
    messages = [f"default/shop|{one.id}" for one in told(desk) if one.reporter.pseudonym in names]
    titles = {group.title for group in desk.groups.values() if group.title in SPINS + INVOICE}
    return Person((*names, *sorted(sessions)), tuple(messages), tuple(sorted(titles)))


def forgotten(desk: Desk) -> Forgotten:
    return Forgotten(frozenset(person(desk, ANA).marks))


def documents_of(desk: Desk) -> dict[str, Document]:
    return {one.id: feedback_documents(one)[0] for one in told(desk)}


def test_a_sink_counts_what_it_empties(desk: Desk) -> None:
    def counted() -> float:
        return metrics.REGISTRY.get_sample_value("hypercare_forgotten_total") or 0.0

    sink, before = feedback_sink(), counted()
    sink.forgotten = forgotten(desk)
    for one in told(desk):
        headers = [(name, value) for name, value in headers_for(one, "urn:test") if isinstance(value, bytes)]
        (document,) = sink.process(PlainRecord(one.encode(), headers=headers, topic="hypercare.feedback.scored.v1"))
        assert ANA.encode() not in document.body
    assert counted() - before == 3, "two are hers, and one is said to be like hers"


def test_words_and_pseudonyms_go_and_counts_stay(desk: Desk) -> None:
    before = documents_of(desk)["f1"]
    after = forgotten(desk).applied(before)
    said = orjson.loads(after.body)
    for word in (ANA.encode(), b"spins", b"iPhone", b"pt-PT", b"session"):
        assert word in before.body or word == b"session"
        assert word not in after.body, word
    assert said["message"] == FORGOTTEN
    assert said["hypercare"]["category"] == orjson.loads(before.body)["hypercare"]["category"]
    assert said["hypercare"]["group"]["id"] == orjson.loads(before.body)["hypercare"]["group"]["id"]
    assert said["@timestamp"] == orjson.loads(before.body)["@timestamp"]
    assert b"c-17" not in forgotten(desk).applied(documents_of(desk)["f3"]).body


def test_what_others_wrote_stays(desk: Desk) -> None:
    said = orjson.loads(forgotten(desk).applied(documents_of(desk)["f2"]).body)
    assert said["message"] == SPINS_TOO
    assert said["user"]["hash"] == BEN


def test_the_same_id_in_another_project_is_another_message(desk: Desk) -> None:
    other = feedback_documents(
        told(desk)[0].model_copy(update={"project": "elsewhere", "reporter": told(desk)[1].reporter})
    )[0]
    assert orjson.loads(forgotten(desk).applied(other).body)["message"] == SPINS


def test_twice_is_once(desk: Desk) -> None:
    for document in documents_of(desk).values():
        once = forgotten(desk).applied(document)
        assert forgotten(desk).applied(once).body == once.body


def test_an_empty_list_touches_nothing(desk: Desk) -> None:
    document = documents_of(desk)["f1"]
    assert Forgotten().applied(document) is document


def test_a_call_keeps_all_but_who_made_it() -> None:
    list_ = Forgotten(frozenset(Person((ANA,)).marks))
    body = {"event": {"id": "c"}, "user": {"hash": ANA}, "url": {"path": f"/of/{ANA}"}, "hypercare": {"session": BEN}}
    after = orjson.loads(list_.applied(Document("logs-hypercare.calls-default.shop", "c", orjson.dumps(body))).body)
    assert after == {**body, "user": {"hash": NOBODY}, "url": {"path": f"/of/{NOBODY}"}}


def test_an_incident_loses_their_messages_and_sentences() -> None:
    incident = checkout(project="shop")
    first, *others = incident.messages
    title = incident.evidence[1].what
    list_ = Forgotten(frozenset(Person((), (f"default/shop|{first.feedback}",), (title,)).marks))
    (document,) = incident_documents(incident)
    said = orjson.loads(list_.applied(document).body)["hypercare"]["incident"]
    assert said["messages"][0]["text"] == FORGOTTEN
    assert "call" not in said["messages"][0]
    assert [one["text"] for one in said["messages"][1:]] == [one.text for one in others]
    assert said["evidence"][1]["what"] == FORGOTTEN
    assert said["reporters"] == incident.reporters


@given(st.binary(max_size=300))
def test_any_text_passes(text: bytes) -> None:
    body = orjson.dumps({"message": text.decode("utf-8", "replace"), "event": {"id": "x"}})
    list_ = Forgotten(frozenset(Person((ANA,), ("default/default|y",)).marks))
    for stream in ("hypercare-feedback-default.x", "logs-hypercare.audit-a.b", "hypercare-groups-a.b", "other"):
        assert orjson.loads(list_.applied(Document(stream, "x", body)).body) == orjson.loads(body)


# ---- what stages remember


def entries(desk: Desk) -> dict[bytes, bytes]:
    """Everything as it is stored, from the beginning."""
    for table in desk.state._tables.values():
        for key in list(table):
            table.touch(key)
    return {key: value for key, value in desk.state.take_changes() if value is not None}


def instead(who: Person) -> dict[str, str]:
    return {name: f"p_{number:024x}" for number, name in enumerate(who.names)}


def after_forgetting(desk: Desk) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
    before, who = entries(desk), person(desk, ANA)
    after = dict(before)
    forgetting = Forgetting(who, instead(who))
    for key, value in before.items():
        for changed, new in forgetting.of(key, value):
            if new is None:
                after.pop(changed, None)
            else:
                after[changed] = new
    return before, after


def opened(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


def test_nothing_of_the_person_stays_in_the_state(desk: Desk) -> None:
    before, after = after_forgetting(desk)
    whole, left = (b"\n".join(key + opened(value) for key, value in some.items()) for some in (before, after))
    for word in (
        ANA.encode(),
        b"button spins for ever",
        INVOICE.encode(),
        b"c-17",
        person(desk, ANA).names[-1].encode(),
    ):
        assert word in whole, word
        assert word not in left, word
    assert BEN.encode() in left


def test_again_changes_nothing(desk: Desk) -> None:
    _, after = after_forgetting(desk)
    who = person(desk, ANA)
    forgetting = Forgetting(who, instead(who))
    assert [entry for key, value in after.items() for entry in forgetting.of(key, value)] == []


def test_the_stage_goes_on_from_what_is_left(desk: Desk) -> None:
    _, after = after_forgetting(desk)
    again = Desk()
    again.at = desk.at
    state = State(again.stage.tables)
    for key, value in after.items():
        state.restore(key, value)
    again.state = state
    more = again.say("f4", SPINS_TOO, reporter={"contact_ref": "cleo@example.com"})
    assert more.group
    assert more.group.group == desk.feedback["f2"].group.group  # type: ignore[union-attr]
    again.wait(120)
    assert all(ANA not in str(one) and "spins for ever on my iPhone" not in str(one) for one in again.feedback.values())


def test_hashes_of_people_become_those_of_nobody() -> None:
    who = Person((ANA,))
    forgetting = Forgetting(who, instead(who))
    (changed,) = forgetting.of(b"incident_users/inc-1", People([hashed(ANA), hashed(BEN)]).encode())
    assert changed[1] is not None
    found = People.decode(changed[1])
    assert len(found) == 2
    assert not found.add(BEN)
    assert found.add(ANA), "it is not there any more"


def test_a_key_that_names_them_is_moved() -> None:
    who = Person((ANA,))
    moved = Forgetting(who, {ANA: BEN}).of(f"accounts/p|{ANA}".encode(), b"{}")
    assert moved == [(f"accounts/p|{ANA}".encode(), None), (f"accounts/p|{BEN}".encode(), b"{}")]
    assert Forgetting(who, {ANA: BEN}).of(b"accounts/p|x", None) == []


# ---- the command


@pytest.mark.parametrize("said", ["ana@example.com", " Ana <ANA@example.com> ", "mailto:ana@example.com", ANA])
def test_a_person_is_found_however_they_are_named(said: str) -> None:
    assert ANA in pseudonyms_of(said, KEY)


def test_nobody_cannot_be_forgotten() -> None:
    with pytest.raises(Exception, match="Nobody"):
        pseudonyms_of("  ", KEY)


def test_the_proof_names_nobody() -> None:
    who = Person((ANA,), ("default/shop|f1", "acme/web|f2"), ("a title of theirs",))
    made: list[Any] = audit_entries(who, [], "officer")
    assert {(one.tenant, one.project) for one in made} == {("default", "shop"), ("acme", "web")}
    assert all(ANA not in one.encode().decode() and "title" not in one.encode().decode() for one in made)


def test_what_kafka_keeps_is_said_for_every_topic_that_has_people() -> None:
    kept = dict(kept_by_kafka())
    assert kept["hypercare.feedback.v1"] == "3 days"
    assert "30 days" in kept["hypercare.incidents.v1"]


def test_marks_differ_by_what_they_mark() -> None:
    assert len(Person(("x",), ("x",), ("x",)).marks) == 3
    assert replace(Person(("x",)), names=()).marks == set()
