"""Find a person's documents, and take out of them what has to go: in place, whatever their version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.errors import Stop
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.forgotten import FORGOTTEN, MOST, QUOTED, Forgotten, mark, named
from sinks.elasticsearch.sampling import weighted_again
from sinks.elasticsearch.templates import LIVING

MESSAGES = "hypercare-feedback-*,hypercare-feedback.restricted-*"
ALL = "hypercare-feedback*,hypercare-groups*,hypercare-incidents*,logs-hypercare.*,metrics-hypercare.*"
PAGE = 500
TITLES = (
    "hypercare.group.title", "hypercare.incident.title", "hypercare.audit.before", "hypercare.audit.after",
    "hypercare.incident.same_as_past.title",
)  # fmt: skip
_NOT_FOUND = {"ignore_unavailable": True, "allow_no_indices": True}


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person: pseudonyms, messages as ``tenant/project|id``, sentences that became titles."""

    names: tuple[str, ...]
    messages: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def marks(self) -> set[str]:
        """As the list has them."""
        return {
            *(mark("person", one) for one in self.names),
            *(mark("message", one) for one in self.messages),
            *(mark("sentence", one) for one in self.sentences),
        }


def find(client: Any, names: Iterable[str]) -> Person:
    """The person's messages, and under which pseudonyms of sessions their calls and messages stand as well."""
    known = tuple(dict.fromkeys(names))
    client.indices.refresh(index=ALL, **_NOT_FOUND)
    sessions = _sessions(client, known)
    theirs = list(_pages(client, MESSAGES, {"terms": {"user.hash": list(known)}}))
    texts = [_plain(f"{hit['_source']['hypercare'].get('title') or ''} {hit['_source']['message']}") for hit in theirs]
    groups = sorted({group for hit in theirs if (group := (hit["_source"]["hypercare"].get("group") or {}).get("id"))})
    sentences = [
        said
        for said in sorted(_told_of(client, groups) - {FORGOTTEN})
        if any(_plain(said).rstrip("….") in text for text in texts)
    ]
    messages = dict.fromkeys(named(hit["_source"]["hypercare"], hit["_source"]["event"]["id"]) for hit in theirs)
    return Person((*known, *(one for one in sessions if one not in known)), tuple(messages), tuple(sentences))


def _told_of(client: Any, groups: list[str]) -> set[str]:
    """Sentences that stand for these groups, or stood: their titles, and what is quoted as a reason."""
    found: set[str] = set()
    for hit in _pages(client, MESSAGES, _in(("hypercare.group.id", "hypercare.group.suggested"), groups)):
        group = hit["_source"]["hypercare"].get("group") or {}
        found |= {group.get("title") or FORGOTTEN, *QUOTED.findall(group.get("reason") or "")}
    return found


def affected(client: Any, person: Person) -> dict[str, int]:
    """How many documents of each kind still name the person or hold their words."""
    client.indices.refresh(index=ALL, **_NOT_FOUND)
    found: dict[str, int] = {}
    for hit in _pages(client, ALL, _concerned(person)):
        if Forgotten(frozenset(person.marks)).applied(_document(hit)).body != _body(hit):
            kind = hit["_source"]["event"]["dataset"].removeprefix("hypercare.")
            found[kind] = found.get(kind, 0) + 1
    return found


def incidents_of(client: Any, person: Person) -> list[dict[str, str]]:
    """Incidents that name the person or hold their words: tenant, project, environment and id."""
    found = {}
    for hit in _pages(client, "hypercare-incidents*", _concerned(person)):
        said = hit["_source"]["hypercare"]
        if Forgotten(frozenset(person.marks)).applied(_document(hit)).body != _body(hit):
            found[hit["_id"]] = {
                "tenant": said["tenant"],
                "project": said["project"],
                "environment": hit["_source"].get("service", {}).get("environment", "production"),
                "incident": said["incident"]["id"],
            }
    return list(found.values())


def rewrite(client: Any, person: Person) -> int:
    """Take out what has to go; how many documents were changed."""
    forgotten, changed = Forgotten(frozenset(person.marks)), 0
    lines: list[Any] = []
    for hit in _pages(client, ALL, _concerned(person)):
        after = forgotten.applied(_document(hit))
        if after.body == _body(hit):
            continue
        lines += [{"index": _place(hit)}, weighted_again(orjson.loads(after.body))]
        changed += 1
        if len(lines) >= PAGE:
            _write(client, lines)
            lines = []
    _write(client, lines)
    client.indices.refresh(index=ALL, **_NOT_FOUND)
    return changed


def _in(fields: tuple[str, ...], values: list[str]) -> dict[str, Any]:
    return {"bool": {"should": [{"terms": {field: values}} for field in fields], "minimum_should_match": 1}}


def _write(client: Any, lines: list[Any]) -> None:
    if not lines:
        return
    answer = client.bulk(operations=lines)
    if answer["errors"]:
        refused = [item["index"]["error"]["reason"] for item in answer["items"] if "error" in item["index"]]
        raise Stop(
            f"{len(refused)} documents could not be changed: {refused[0][:300]}",
            fix="see that nothing is blocked and the sinks rest, then forget once more: it goes on where it stopped",
        )


def _concerned(person: Person) -> dict[str, Any]:
    """Documents that may have to change; `Forgotten` decides."""
    names, sentences = list(person.names), list(person.sentences)
    messages = [message.partition("|")[2] for message in person.messages]
    wanted = [
        {"terms": {"user.hash": names}},
        {"terms": {"hypercare.session": names}},
        {"terms": {"event.id": messages}},
        {"terms": {"hypercare.incident.feedback": messages}},
        {"terms": {"hypercare.incident.messages.feedback": messages}},
        {"terms": {"hypercare.finding.cause": [f"{what}={name}" for what in ("account", "user") for name in names]}},
        *({"terms": {field: sentences}} for field in TITLES),
        *(
            {"match_phrase": {field: sentence}}
            for sentence in sentences
            for field in ("hypercare.incident.evidence.what", "hypercare.group.reason")
        ),
    ]
    return {"bool": {"should": wanted, "minimum_should_match": 1}}


def _sessions(client: Any, names: tuple[str, ...]) -> list[str]:
    answer = client.search(
        index=ALL, size=0, query={"terms": {"user.hash": list(names)}}, **_NOT_FOUND,
        aggs={"sessions": {"terms": {"field": "hypercare.session", "size": MOST // 10}}},
    )  # fmt: skip
    return [bucket["key"] for bucket in answer.get("aggregations", {}).get("sessions", {}).get("buckets", [])]


def _pages(client: Any, index: str, query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every document, in one look at what was there when it began."""
    answer = client.search(
        index=index, query=query, size=PAGE, scroll="2m", version=True, seq_no_primary_term=True, **_NOT_FOUND
    )
    while hits := answer["hits"]["hits"]:
        yield from hits
        answer = client.scroll(scroll_id=answer["_scroll_id"], scroll="2m")
    client.clear_scroll(scroll_id=answer["_scroll_id"])


def _place(hit: dict[str, Any]) -> dict[str, Any]:
    """Where it is written back: over the same version where versions count, else over what was read."""
    place = {"_index": hit["_index"], "_id": hit["_id"]}
    if any(hit["_index"].startswith(f"hypercare-{kind}") for kind in LIVING):
        return {**place, "version": hit["_version"], "version_type": "external_gte"}
    return {**place, "if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}


def _document(hit: dict[str, Any]) -> Document:
    stream = hit["_index"]
    if stream.startswith(".ds-"):  # .ds-<stream>-<date>-<number>
        stream = stream.removeprefix(".ds-").rsplit("-", 2)[0]
    return Document(stream, hit["_id"], _body(hit))


def _body(hit: dict[str, Any]) -> bytes:
    return orjson.dumps(hit["_source"])


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
