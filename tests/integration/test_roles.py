"""Roles on an Elasticsearch with security and TLS: each key is tried on everything it must not see."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest

from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.forgotten import INDEX, load
from sinks.elasticsearch.roles import Partner, make_key, put_partner, put_roles, roles
from sinks.elasticsearch.stages import writer_for
from sinks.elasticsearch.templates import apply_templates
from tests.integration.partner_tries import Try, names, tries
from tests.integration.secured import secured_elasticsearch

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate of this test"),
]

AT = "2026-06-15T09:00:00Z"
OURS, THEIRS = "default.shop", "default.bank"
STREAMS = {
    "calls": "logs-hypercare.calls",
    "findings": "logs-hypercare.findings",
    "signals": "logs-hypercare.signals",
    "alerts": "logs-hypercare.alerts",
    "audit": "logs-hypercare.audit",
    "deadletters": "logs-hypercare.deadletters",
    "health": "metrics-hypercare.health",
    "matrix": "metrics-hypercare.matrix",
}
INDICES = ("feedback", "feedback.restricted", "groups", "incidents", "incidents.restricted")


def documents() -> Iterator[Document]:
    """One of every kind in two projects; health of two routes."""
    for place in (OURS, THEIRS):
        project = place.partition(".")[2]
        for kind, stream in STREAMS.items():
            for route in ("/pay", "/orders"):
                said = {"tenant": "default", "project": project}
                body = {"@timestamp": AT, "http": {"route": route}, "hypercare": said, "user": {"hash": "p_x"}}
                yield Document(f"{stream}-{place}", f"{kind}{route}", orjson.dumps(body))
        for kind in INDICES:
            yield Document(f"hypercare-{kind}-{place}", "one", orjson.dumps({"@timestamp": AT, "message": "words"}), 1)


@dataclass(frozen=True)
class Secured:
    """The server, its administrator, and a key for each role."""

    admin: Access
    keys: dict[str, str]

    def client(self, role: str) -> Any:
        return self.access(role).client()

    def access(self, role: str) -> Access:
        return replace(self.admin, user="", password="", api_key=self.keys[role])


def write(access: Access, made: Sequence[Document]) -> None:
    async def work() -> None:
        writer = writer_for("sink-all", access)
        await writer.start()
        try:
            items = [(PlainRecord(document.id.encode()), document) for document in made]
            assert await asyncio.wait_for(await writer.submit(items), 60) == []
        finally:
            await writer.stop()

    asyncio.run(work())


@pytest.fixture(scope="module")
def secured() -> Iterator[Secured]:
    with secured_elasticsearch() as admin:
        client = admin.client()
        apply_templates(client)
        put_roles(client)
        writer = make_key(client, "hypercare_writer", "sinks", days=1)
        write(replace(admin, user="", password="", api_key=writer), list(documents()))  # by the writer's key alone
        client.indices.refresh(index="*hypercare*")
        for partner in (Partner("acme", "shop"), Partner("narrow", "shop", route="/pay")):
            assert put_partner(client, partner) == partner.streams
        keys = {role: make_key(client, f"hypercare_{role}", role, days=1) for role in
                ("reader", "analyst", "partner_acme", "partner_narrow")}  # fmt: skip
        yield Secured(admin, {**keys, "writer": writer})
        client.close()


EVERYTHING = [f"{stream}-{place}" for stream in STREAMS.values() for place in (OURS, THEIRS)]
EVERYTHING += [f"hypercare-{kind}-{place}" for kind in INDICES for place in (OURS, THEIRS)]


def may_read(client: Any, index: str) -> bool:
    try:
        return int(client.count(index=index)["count"]) > 0
    except Exception as error:  # noqa: BLE001 - what a refusal is, is looked at
        assert getattr(error, "status_code", 0) == 403, error
        return False


def test_all_of_it_was_written_with_the_writer_s_key(secured: Secured) -> None:
    client = secured.admin.client()
    assert all(may_read(client, index) for index in EVERYTHING)
    client.close()


@pytest.mark.parametrize("index", EVERYTHING)
@pytest.mark.parametrize("role", ["reader", "analyst", "partner_acme", "partner_narrow", "writer"])
def test_who_may_read_what(secured: Secured, role: str, index: str) -> None:
    wanted = {
        "reader": ".restricted" not in index and "deadletters" not in index,
        "analyst": True,
    }.get(role, False)
    client = secured.client(role)
    assert may_read(client, index) is wanted
    client.close()


def seen(client: Any, alias: str) -> set[tuple[str, str]]:
    hits = client.search(index=alias, size=100)["hits"]["hits"]
    return {(hit["_source"]["hypercare"]["project"], hit["_source"]["http"]["route"]) for hit in hits}


def test_a_partner_sees_their_project_and_one_route_of_it(secured: Secured) -> None:
    acme, narrow = secured.client("partner_acme"), secured.client("partner_narrow")
    assert seen(acme, "hypercare-partner-acme") == {("shop", "/pay"), ("shop", "/orders")}
    assert seen(narrow, "hypercare-partner-narrow") == {("shop", "/pay")}
    assert not may_read(narrow, "hypercare-partner-acme")
    assert not may_read(acme, "hypercare-partner-narrow")
    acme.close()
    narrow.close()


@pytest.mark.parametrize("role", ["partner_acme", "partner_narrow"])
def test_a_partner_finds_no_way_round(secured: Secured, role: str) -> None:
    alias = f"hypercare-partner-{role.removeprefix('partner_')}"
    client = secured.client(role)
    backing = list(secured.admin.client().indices.get(index="metrics-hypercare.health-*", expand_wildcards="all"))
    tries: list[tuple[str, dict[str, Any]]] = [
        ("search", {"index": index}) for index in [*backing, "hypercare-forgotten", ".security*,*-default.shop"]
    ]
    tries += [
        ("index", {"index": f"metrics-hypercare.health-{OURS}", "op_type": "create", "document": {"@timestamp": AT}}),
        ("delete_by_query", {"index": alias, "query": {"match_all": {}}}),
        ("reindex", {"source": {"index": f"hypercare-feedback-{OURS}"}, "dest": {"index": "mine"}}),
    ]
    for call, said in tries:
        try:
            answer = getattr(client, call)(**said)
        except Exception as error:  # noqa: BLE001 - what a refusal is, is looked at
            assert getattr(error, "status_code", 0) in {403, 404}, (call, said, error)
        else:
            assert answer["hits"]["total"]["value"] == 0, (call, said)
    everything = client.search(index="*", size=1_000)["hits"]["hits"]
    assert {hit["_index"].partition("hypercare.")[2].partition("-")[0] for hit in everything} <= {"health", "matrix"}
    assert {hit["_source"]["hypercare"]["project"] for hit in everything} == {"shop"}
    with pytest.raises(Exception, match="403"):
        client.security.create_api_key(name="more", role_descriptors=roles())
    with pytest.raises(Exception, match="403"):
        client.indices.update_aliases(actions=[{"add": {"index": f"logs-hypercare.calls-{OURS}", "alias": "mine"}}])
    client.close()


NARROW = "hypercare-partner-narrow"
HIDDEN = {"partner_acme": (b"bank",), "partner_narrow": (b"bank", b"orders")}
NOT_THEIRS = (b"words", b"hypercare.calls", b"hypercare.findings", b"hypercare.audit", b"hypercare-feedback")


@pytest.mark.parametrize("role", sorted(HIDDEN))
def test_no_answer_to_a_partner_tells_of_anything_else(secured: Secured, role: str) -> None:
    """Whatever is asked, in whatever way: refused, or an answer in which nothing stands that is not theirs."""
    stream = f"metrics-hypercare.health-{OURS}"
    admin = secured.admin.client()
    backing = next(iter(admin.indices.get(index=stream, expand_wildcards="all")))
    admin.close()
    alias = f"hypercare-partner-{role.removeprefix('partner_')}"
    told, answered = [], 0
    for one in tries(alias, stream, backing, "health%2Forders"):
        status, answer = over_the_wire(secured.access(role), one)
        answered += status < 300
        if status < 300 and any(mark in answer for mark in (*HIDDEN[role], *NOT_THEIRS)):
            told.append((str(one), one.content(), answer[:300]))
    assert told == [], "\n".join(map(str, told))
    assert answered > 10, "if everything is refused, this proves little"


def test_a_partner_of_one_route_learns_names_of_the_project_s_others_and_no_figure(secured: Secured) -> None:
    """A filter cannot hide the dictionary of an index, which the documentation says; another project is another one."""
    told = {
        str(number): over_the_wire(secured.access("partner_narrow"), one)[1] for number, one in enumerate(names(NARROW))
    }
    buckets = {one["key"]: one["doc_count"] for one in orjson.loads(told["0"])["aggregations"]["r"]["buckets"]}
    assert buckets.pop("/pay") > 0
    assert set(buckets.values()) == {0}
    assert not any(b"bank" in answer for answer in told.values())


def over_the_wire(access: Access, one: Try) -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=access.ca)
    headers = {"authorization": f"ApiKey {access.api_key}", "content-type": "application/json"}
    if one.lines:
        headers["content-type"] = "application/x-ndjson"
    request = urllib.request.Request(access.address + one.path, one.content(), headers, method=one.method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:  # noqa: S310 - of this test
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_the_writer_writes_and_reads_only_who_is_forgotten(secured: Secured) -> None:
    admin, client = secured.admin.client(), secured.client("writer")
    assert load(client).marks == frozenset(), "no list yet"
    admin.index(index=INDEX, document={"mark": "x"}, refresh=True)
    assert may_read(client, INDEX)
    with pytest.raises(Exception, match="403"):
        client.indices.delete(index=f"hypercare-feedback-{OURS}")
    with pytest.raises(Exception, match="403"):
        client.indices.put_index_template(name="mine", index_patterns=["x"])
    admin.close()
    client.close()


def test_a_reader_cannot_write_and_a_sink_says_which_right_is_missing(secured: Secured) -> None:
    with pytest.raises(Stop) as stopped:
        write(secured.access("reader"), list(documents()))
    assert "create_doc" in stopped.value.fix


def test_without_the_certificate_the_server_is_not_trusted(secured: Secured) -> None:
    client = replace(secured.admin, ca="").client()
    with pytest.raises(Exception, match=r"(?i)certificate"):
        client.info()
    client.close()


def test_again_changes_nothing(secured: Secured) -> None:
    client = secured.admin.client()
    before = client.security.get_role().body
    put_roles(client)
    put_partner(client, Partner("acme", "shop"))
    assert client.security.get_role().body == before
    assert put_partner(client, Partner("nobody", "nothing")) == []
    client.close()
