"""What somebody looks for, and the searches that find it: one for each kind of document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.scoring import SEVERITIES, Scoring, SeverityLevel
from sinks.elasticsearch.analysis import LANGUAGES
from sinks.search.function_words import WORDS as FUNCTION_WORDS
from sinks.search.synonyms import Synonyms, plain, widened, words_of

Kind = Literal["incidents", "feedback", "calls"]
KINDS: tuple[Kind, ...] = ("incidents", "feedback", "calls")
INDEX: Mapping[Kind, str] = {
    "incidents": "hypercare-incidents-*",
    "feedback": "hypercare-feedback-*",
    "calls": "logs-hypercare.calls-*",
}
"""What everybody may read: restricted words are in indices that these do not name."""
MOST_CHARS = 1_000
"""Of a question: more is no question, and a server refuses more than some thousand clauses."""
MOST_WORDS = 40
SIGNS = {"(", ")", "|", "+"}
MOST_SHOWN = 100
COUNTED = 10_000
"""So many are counted; beyond, there are more."""
LEAST_MATCHING = "2<70%"
"""One or two words: all of them; of more, seven in ten: people ask in sentences."""


def _worded(*names: str) -> tuple[str, ...]:
    """A text in every language, and its names, among which every word is as it was written."""
    return tuple(f"{field}.{one}" for field in names for one in (*LANGUAGES, "names"))


WORDS: Mapping[Kind, tuple[str, ...]] = {
    "incidents": (
        *_worded(
            "hypercare.incident.title",
            "message",
            "hypercare.incident.evidence.what",
            "hypercare.incident.messages.text",
        ),
        "hypercare.incident.samples.message",
        "hypercare.incident.samples.route.text",
        "hypercare.incident.workaround",
        "hypercare.incident.closed_reason",
    ),
    "feedback": _worded("message", "hypercare.title", "hypercare.group.title"),
    "calls": (
        "error.message",
        "error.message.names",
        "error.code.names",
        "http.route.names",
        "url.path.text",
        "service.name.names",
    ),
}
IDS: Mapping[Kind, tuple[str, ...]] = {
    "incidents": ("hypercare.incident.id",),
    "feedback": ("event.id", "trace.id", "http.request.id", "hypercare.source.id"),
    "calls": ("event.id", "trace.id", "http.request.id"),
}
ROUTE: Mapping[Kind, tuple[str, ...]] = {
    "incidents": ("http.route", "hypercare.incident.samples.route"),
    "feedback": ("http.route", "hypercare.links.route"),
    "calls": ("http.route",),
}
TRACE: Mapping[Kind, tuple[str, ...]] = {
    "incidents": ("hypercare.incident.samples.trace_id",),
    "feedback": ("trace.id",),
    "calls": ("trace.id",),
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; what is empty does not matter. ``since`` is RFC 3339, ``severity`` the least severe one."""

    text: str = ""
    kinds: tuple[Kind, ...] = KINDS
    project: str = ""
    route: str = ""
    since: str = ""
    severity: SeverityLevel | None = None
    trace: str = ""
    size: int = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """One search: the kind it is for, the indices, and its body."""

    kind: Kind
    index: str
    body: dict[str, Any]


def searches(question: Question, synonyms: Synonyms) -> list[Asked]:
    """The searches of a question; calls have no severity and are left out where one is asked for."""
    kinds = [kind for kind in question.kinds if question.severity is None or kind != "calls"]
    return [_asked(kind, question, _about_text(kind, question.text, synonyms)) for kind in kinds]


def among(question: Question, kind: Kind, query: dict[str, Any]) -> Asked:
    """A search of another kind within the same limits."""
    return _asked(kind, question, query)


def _asked(kind: Kind, question: Question, query: dict[str, Any]) -> Asked:
    ranked = bool(question.text) and kind != "calls"  # of calls that match as well as others, the newest matter
    body: dict[str, Any] = {
        "size": question.size,
        "track_total_hits": COUNTED,
        "query": {"bool": {"must": [query], "filter": _limits(kind, question)}},
        "sort": [*(["_score"] if ranked else []), {"@timestamp": "desc"}],
    }
    return Asked(kind, INDEX[kind], body)


def _about_text(kind: Kind, text: str, synonyms: Synonyms) -> dict[str, Any]:
    if not text.strip():
        return {"match_all": {}}
    pieces = words_of(text)
    pieces = [piece for piece in pieces if plain(piece) not in FUNCTION_WORDS] or pieces
    if SIGNS & set(pieces):  # somebody said how the words belong together
        words = _words(kind, text)
    else:
        words = {
            "bool": {
                "should": [_words(kind, widened(piece, synonyms)) for piece in pieces if piece[0] != "-"],
                "must_not": [_words(kind, piece[1:]) for piece in pieces if piece[0] == "-" and len(piece) > 1],
                "minimum_should_match": LEAST_MATCHING,
            }
        }
    named = [{"term": {field: {"value": text.strip(), "boost": 100}}} for field in IDS[kind]]
    return {"bool": {"should": [words, *named], "minimum_should_match": 1}}


def _words(kind: Kind, text: str) -> dict[str, Any]:
    said = {
        "query": text,
        "fields": list(WORDS[kind]),
        "default_operator": "and",
        "flags": "AND|OR|NOT|PHRASE|PREFIX|PRECEDENCE",
    }
    return {"simple_query_string": said}


def _limits(kind: Kind, question: Question) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if question.project:
        tenant, _, project = question.project.rpartition("/")
        found += [{"term": {"hypercare.project": project}}]
        found += [{"term": {"hypercare.tenant": tenant}}] if tenant else []
    if question.since:
        found.append({"range": {"@timestamp": {"gte": question.since}}})
    if question.route:
        found.append(any_of(ROUTE[kind], question.route))
    if question.trace:
        found.append(any_of(TRACE[kind], question.trace))
    if question.severity:
        found.append(_as_severe(kind, question.severity))
    return found


def any_of(fields: tuple[str, ...], *values: str) -> dict[str, Any]:
    """One of these values in one of these fields."""
    return {"bool": {"should": [{"terms": {field: list(values)}} for field in fields], "minimum_should_match": 1}}


def _as_severe(kind: Kind, least: SeverityLevel) -> dict[str, Any]:
    """Incidents by their severity, feedback by how bad it is for whoever wrote, with the same bounds."""
    levels = SEVERITIES[: SEVERITIES.index(least) + 1]
    if kind == "incidents":
        return {"terms": {"hypercare.incident.severity": list(levels)}}
    bounds = Scoring()
    least_value = {"S1": bounds.s1, "S2": bounds.s2, "S3": bounds.s3, "S4": 0.0}[least]
    return {"range": {"hypercare.severity": {"gte": least_value}}}
