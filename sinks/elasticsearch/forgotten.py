"""Who asked to be forgotten, and what of a document has to go: the same whether it is there or comes again by a replay.

The list holds marks, which are hashes: of pseudonyms, of the ids of a person's messages, and of sentences of theirs
that became titles of groups and incidents. A pseudonym is replaced wherever it stands; words go where they stand in a
message, an incident or an audit entry. Counts, categories and times stay: they say nothing about anybody.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from sinks.elasticsearch.document import Document
from sinks.elasticsearch.templates import kind_of

FORGOTTEN = "(forgotten)"
"""Stands where words were."""
NOBODY = "p_forgotten"
"""Stands where a pseudonym was."""
PSEUDONYM = re.compile(rb"p_[0-9a-f]{24}")
QUOTED = re.compile("“([^“”]+)”")
"""Why a message belongs to a group is told with a sentence of the one that it is like."""
INDEX = "hypercare-forgotten"
Mark = Literal["person", "message", "sentence"]
WORDS_OF_MESSAGE = (
    "title", "category_words", "security_words", "severity_words", "attributes", "session", "thread", "segment",
    "locale", "links", "attachments",
)  # fmt: skip
"""Fields below ``hypercare`` of a message that go; ``links`` lead to the person's calls."""
MOST = 100_000


def mark(kind: Mark, value: str) -> str:
    """How the list names something: SHA-256, since a pseudonym can be guessed by nobody without its key."""
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The list; empty it changes nothing and costs nothing."""

    marks: frozenset[str] = field(default_factory=frozenset)

    def has(self, kind: Mark, value: Any) -> bool:
        """Whether it is on the list."""
        return isinstance(value, str) and mark(kind, value) in self.marks

    def applied(self, document: Document) -> Document:
        """The document without what has to go; itself where there is nothing."""
        if not self.marks:
            return document
        body = self._without_people(document.body)
        change = _WORDED.get(kind_of(document.stream))
        if change is not None:
            said = orjson.loads(body)
            if change(self, said):
                body = orjson.dumps(said)
        return document if body == document.body else replace(document, body=body)

    def _without_people(self, body: bytes) -> bytes:
        def other(found: re.Match[bytes]) -> bytes:
            return NOBODY.encode() if self.has("person", found[0].decode()) else found[0]

        return PSEUDONYM.sub(other, body)


def load(client: Any) -> Forgotten:
    """Read the list; without its index nobody was forgotten."""
    marks: set[str] = set()
    after: list[Any] | None = None
    while True:
        hits = client.search(
            index=INDEX, ignore_unavailable=True, allow_no_indices=True, size=10_000, sort=[{"mark": "asc"}],
            **({"search_after": after} if after else {}),
        )["hits"]["hits"]  # fmt: skip
        marks |= {hit["_source"]["mark"] for hit in hits}
        if len(hits) < 10_000:  # noqa: PLR2004 - as many as a page has
            return Forgotten(frozenset(marks))
        after = hits[-1]["sort"]


def note(client: Any, marks: Iterable[str], at: str) -> None:
    """Put marks on the list; twice is once."""
    if not client.indices.exists(index=INDEX):
        properties = {"mark": {"type": "keyword"}, "@timestamp": {"type": "date"}}
        settings = {"number_of_shards": 1, "auto_expand_replicas": "0-1"}
        client.indices.create(index=INDEX, mappings={"dynamic": False, "properties": properties}, settings=settings)
    lines = [line for one in sorted(marks) for line in ({"index": {"_id": one[:64]}}, {"mark": one, "@timestamp": at})]
    if lines:
        answer = client.bulk(index=INDEX, operations=lines, refresh=True)
        if answer["errors"]:
            raise RuntimeError(f"the list of the forgotten cannot be written: {str(answer.body)[:300]}")


def named(said: Mapping[str, Any], message: Any) -> str:
    """A message as the list names it: ids are one project's; ``said`` is what a document has below ``hypercare``."""
    return f"{said.get('tenant', 'default')}/{said.get('project', 'default')}|{message}"


def _message(forgotten: Forgotten, body: dict[str, Any]) -> bool:
    said: dict[str, Any] = body.get("hypercare") or {}
    changed = _title(forgotten, said.get("group"))
    if not forgotten.has("message", named(said, (body.get("event") or {}).get("id"))):
        return changed
    body["message"] = FORGOTTEN
    for name in WORDS_OF_MESSAGE:
        said.pop(name, None)
    said.get("source", {}).pop("id", None)
    for name in ("user", "trace"):
        body.pop(name, None)
    body.get("http", {}).pop("request", None)
    body["event"].pop("url", None)
    return True


def _group(forgotten: Forgotten, body: dict[str, Any]) -> bool:
    changed = _title(forgotten, (body.get("hypercare") or {}).get("group"))
    if forgotten.has("sentence", body.get("message")):
        body["message"], changed = FORGOTTEN, True
    return changed


def _title(forgotten: Forgotten, group: dict[str, Any] | None) -> bool:
    if not group:
        return False
    changed = False
    if forgotten.has("sentence", group.get("title")):
        group["title"], changed = FORGOTTEN, True
        group.pop("words", None)
    if reason := group.get("reason"):
        group["reason"] = QUOTED.sub(
            lambda found: f"“{FORGOTTEN}”" if forgotten.has("sentence", found[1]) else found[0], reason
        )
        changed |= group["reason"] != reason
    return changed


def _incident(forgotten: Forgotten, body: dict[str, Any]) -> bool:
    said: dict[str, Any] = (body.get("hypercare") or {}).get("incident") or {}
    places: list[tuple[dict[str, Any], str]] = [(body, "message"), (said, "title")]
    places += [(proof, "what") for proof in said.get("evidence") or ()]
    places += [(said["same_as_past"], "title")] if said.get("same_as_past") else []
    changed = False
    for holder, name in places:
        if forgotten.has("sentence", holder.get(name)):
            holder[name], changed = FORGOTTEN, True
    for message in said.get("messages") or ():
        if (
            forgotten.has("message", named(body["hypercare"], message.get("feedback")))
            and message.get("text") != FORGOTTEN
        ):
            message["text"], changed = FORGOTTEN, True
            message.pop("call", None)
    return changed


def _audit(forgotten: Forgotten, body: dict[str, Any]) -> bool:
    said: Mapping[str, Any] = (body.get("hypercare") or {}).get("audit") or {}
    changed = False
    for part in (said.get("before") or {}, said.get("after") or {}):
        for name, value in list(part.items()):
            if forgotten.has("sentence", value):
                part[name], changed = FORGOTTEN, True
    return changed


_WORDED = {"feedback": _message, "groups": _group, "incidents": _incident, "audit": _audit}
