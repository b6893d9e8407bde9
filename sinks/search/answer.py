"""The answer to a question, as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sinks.search.mark import CLOSE_MARK, OPEN_MARK, passages
from sinks.search.question import COUNTED, Asked, Kind
from sinks.search.related import at

MOST_PASSAGES = 3
MOST_WORDS = 300
"""Characters of a text that are shown where nothing in it was found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One document: when, what in a few words, and the passages in which something was found, marked."""

    kind: Kind
    id: str
    at: str
    project: str
    head: str
    passages: tuple[str, ...]
    trace: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found of a kind, and how many there are: ``more`` when they were not counted to the end."""

    kind: Kind
    total: int
    more: bool
    hits: tuple[Hit, ...]
    took_ms: int = 0


def ask(client: Any, asked: Sequence[Asked], words: Sequence[str] = ()) -> list[Answer]:
    """Run searches in one request, and mark these words; a kind without any index has nothing."""
    if not asked:
        return []
    lines: list[dict[str, Any]] = []
    for one in asked:
        lines += [{"index": one.index, "ignore_unavailable": True, "allow_no_indices": True}, one.body]
    responses = client.msearch(searches=lines).body["responses"]
    return [_answer(one.kind, response, words) for one, response in zip(asked, responses, strict=True)]


class NotAnswered(Exception):  # noqa: N818 - what it says
    """A search was refused; says why."""


def _answer(kind: Kind, response: Mapping[str, Any], words: Sequence[str]) -> Answer:
    if "error" in response:
        raise NotAnswered(f"{kind}: {str(response['error'].get('reason', response['error']))[:300]}")
    total = response["hits"].get("total", {"value": 0, "relation": "eq"})
    hits = tuple(_hit(kind, hit, words) for hit in response["hits"]["hits"])
    more = total["relation"] != "eq" or total["value"] >= COUNTED
    return Answer(kind, total["value"], more, hits, response.get("took", 0))


def _hit(kind: Kind, hit: Mapping[str, Any], words: Sequence[str]) -> Hit:
    source = hit["_source"]
    said = [f"{at(source, 'hypercare.tenant')}/" if at(source, "hypercare.tenant") not in {None, "default"} else ""]
    said.append(str(at(source, "hypercare.project") or ""))
    return Hit(
        kind=kind,
        id=str(at(source, "hypercare.incident.id") or at(source, "event.id") or hit["_id"]),
        at=str(source.get("@timestamp", "")),
        project="".join(said),
        head=_HEADS[kind](source),
        passages=_passages(kind, source, words),
        trace=str(at(source, "trace.id") or ""),
        score=hit.get("_score"),
    )


def _incident(source: Mapping[str, Any]) -> str:
    said = at(source, "hypercare.incident") or {}
    return _joined(said.get("priority"), said.get("severity"), said.get("state"), said.get("title"))


def _feedback(source: Mapping[str, Any]) -> str:
    said = source.get("hypercare") or {}
    severity = said.get("severity")
    category = str(said.get("category") or "").replace("_", " ")
    return _joined(said.get("channel"), category, f"severity {severity:.2f}" if severity is not None else None)


def _call(source: Mapping[str, Any]) -> str:
    took = at(source, "hypercare.latency.total_ms")
    return _joined(
        at(source, "http.request.method"), at(source, "http.route") or at(source, "url.path"),
        at(source, "http.response.status_code"), at(source, "hypercare.outcome"),
        None if took is None else f"{took:,.0f} ms", at(source, "service.name"),
    )  # fmt: skip


_HEADS = {"incidents": _incident, "feedback": _feedback, "calls": _call}


def _passages(kind: Kind, source: Mapping[str, Any], words: Sequence[str]) -> tuple[str, ...]:
    texts = _TEXTS[kind](source)
    found = [passage for text in texts for passage in passages(text, words)]
    whole = _joined(*texts[:2])
    return tuple(dict.fromkeys(found))[:MOST_PASSAGES] or ((_short(whole),) if whole else ())


def _texts_of_incident(source: Mapping[str, Any]) -> list[str]:
    said = at(source, "hypercare.incident") or {}
    return [
        str(source.get("message") or ""),
        *(str(one.get("text") or "") for one in said.get("messages") or ()),
        *(str(one.get("what") or "") for one in said.get("evidence") or ()),
    ]


def _texts_of_feedback(source: Mapping[str, Any]) -> list[str]:
    return [str(at(source, "hypercare.title") or ""), str(source.get("message") or "")]


def _texts_of_call(source: Mapping[str, Any]) -> list[str]:
    return [str(at(source, "error.code") or ""), str(at(source, "error.message") or "")]


_TEXTS = {"incidents": _texts_of_incident, "feedback": _texts_of_feedback, "calls": _texts_of_call}


def _joined(*parts: Any) -> str:
    return "  ".join(_flat(str(part)) for part in parts if part not in {None, ""})


def _short(text: str) -> str:
    return text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 1] + "…"


def _flat(text: str) -> str:
    return " ".join(text.split())


def unmarked(passage: str) -> str:
    """A passage without its marks."""
    return passage.replace(OPEN_MARK, "").replace(CLOSE_MARK, "")
