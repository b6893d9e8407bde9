"""What is asked of Elasticsearch for what somebody asks, and how the answer reads."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.elasticsearch.templates import KINDS as FIELDS
from sinks.search.answer import ask, unmarked
from sinks.search.mark import CLOSE_MARK, OPEN_MARK, passages, wanted
from sinks.search.question import IDS, INDEX, KINDS, ROUTE, TRACE, WORDS, Question, searches
from sinks.search.related import SAME_CALL, about, at, like
from sinks.search.synonyms import MOST_ALIKE, SHIPPED, plain, read_synonyms, widened

GROUPS = read_synonyms(["pay, bezahlen, pay for\nslow, lahm # not fast\n\n# a remark, only\nalone\nslow, sluggish"])


def test_a_word_stands_for_all_that_mean_the_same() -> None:
    assert GROUPS == {
        "pay": ("pay", "bezahlen", "pay for"),
        "bezahlen": ("pay", "bezahlen", "pay for"),
        "pay for": ("pay", "bezahlen", "pay for"),
        "slow": ("slow", "lahm", "sluggish"),
        "lahm": ("slow", "lahm"),
        "sluggish": ("slow", "sluggish"),
    }


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("pay", '(pay | bezahlen | "pay for")'),
        ("I cannot PAY!", 'I cannot (PAY! | bezahlen | "pay for")'),
        ("-pay", "-pay"),
        ('"pay for" it', '("pay for" | pay | bezahlen) it'),
        ("HTTP-502 pay_svc-1", "HTTP-502 pay_svc-1"),
        ("", ""),
    ],
)
def test_a_question_is_widened(said: str, asked: str) -> None:
    assert widened(said, GROUPS) == asked


@given(st.text(max_size=200))
def test_any_text_is_a_question(text: str) -> None:
    for one in searches(Question(text), GROUPS):
        assert orjson.dumps(one.body)
    wanted(text, GROUPS)


def test_a_group_without_end_is_cut() -> None:
    assert len(read_synonyms([",".join(f"w{n}" for n in range(1_000))])["w5"]) == MOST_ALIKE


def test_the_list_that_is_shipped_says_nothing_twice() -> None:
    found = read_synonyms([SHIPPED.read_text(encoding="utf-8")])
    assert len(found) > 80
    assert all(word == plain(word) for word in found)


def fields_of(mapping: dict[str, Any], path: str = "") -> set[str]:
    found = set()
    for name, said in mapping.items():
        here = f"{path}{name}"
        found.add(here)
        found |= fields_of(said.get("properties", {}), f"{here}.") | fields_of(said.get("fields", {}), f"{here}.")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_that_is_asked_is_there(kind: Any) -> None:
    from sinks.elasticsearch.mappings import BASE  # noqa: PLC0415 - only here

    known = fields_of(BASE) | fields_of(FIELDS[kind])
    asked = {*WORDS[kind], *IDS[kind], *ROUTE[kind], *TRACE[kind], *(SAME_CALL if kind == "calls" else ())}
    assert sorted(asked - known) == []


def test_limits_hold_for_every_kind_and_calls_have_no_severity() -> None:
    question = Question("x", project="acme/shop", route="/r", since="2026-06-15T09:00:00Z", severity="S2", trace="t")
    asked = searches(question, {})
    assert [one.kind for one in asked] == ["incidents", "feedback"]
    incidents, feedback = (one.body["query"]["bool"]["filter"] for one in asked)
    assert {"terms": {"hypercare.incident.severity": ["S1", "S2"]}} in incidents
    assert {"range": {"hypercare.severity": {"gte": 0.6}}} in feedback
    for limits in (incidents, feedback):
        assert {"term": {"hypercare.project": "shop"}} in limits
        assert {"term": {"hypercare.tenant": "acme"}} in limits
        assert len(limits) == 6


def test_no_index_of_restricted_words_is_asked() -> None:
    assert all(".restricted" not in index and "*-*" not in index for index in INDEX.values())


def test_what_is_excluded_is_excluded_and_the_rest_counts_each_by_itself() -> None:
    body = searches(Question("slow page -safari", kinds=("feedback",)), GROUPS)[0].body
    words = body["query"]["bool"]["must"][0]["bool"]["should"][0]["bool"]
    assert [one["simple_query_string"]["query"] for one in words["should"]] == ["(slow | lahm | sluggish)", "page"]
    assert [one["simple_query_string"]["query"] for one in words["must_not"]] == ["safari"]


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("I cannot pay here", "pay", ["pay"]),
        ("Die Zahlungen schlugen fehl", "zahlung", ["Zahlungen"]),
        ("PAYMENTS failed", "payment", ["PAYMENTS"]),
        ("on Mobile-Safari only", "safari", ["Mobile-Safari"]),
        ("结账时支付失败了", "支付", ["支付"]),
        ("a payload", "pay", []),
        ("a paymaster", "payments", []),
        ("nothing", "", []),
        ("ab", "a", []),
    ],
)
def test_what_was_asked_for_is_marked(text: str, asked: str, marked: list[str]) -> None:
    found = "".join(passages(text, wanted(asked, {})))
    assert [part.partition(CLOSE_MARK)[0] for part in found.split(OPEN_MARK)[1:]] == marked
    assert unmarked(found) in {text, ""}


@given(st.text(max_size=400), st.lists(st.text(max_size=8), max_size=4))
def test_marks_take_nothing_away_and_add_nothing_but_marks(text: str, words: list[str]) -> None:
    flat = " ".join(text.replace(OPEN_MARK, "").replace(CLOSE_MARK, "").split())
    for passage in passages(text, wanted(" ".join(words), {})):
        assert unmarked(passage).strip("…").strip() in flat or "…" in flat
        assert passage.count(OPEN_MARK) == passage.count(CLOSE_MARK) > 0


@pytest.mark.parametrize(
    "text", ["x " * 500_000, "支付" * 100_000, "👩\u200d👩\u200d👧 pay " * 20_000, "مرحبا " * 100_000]
)
def test_a_long_text_is_shown_in_short(text: str) -> None:
    assert sum(map(len, passages(text, ("pay", "支付", "x")))) < 1_000


CALL = {
    "event": {"dataset": "hypercare.calls", "id": "c1"},
    "http": {"route": "/pay", "request": {"id": "r1", "method": "POST"}},
    "trace": {"id": "t1"},
}


def test_a_call_leads_to_its_messages_and_a_message_to_its_calls() -> None:
    asked = {one.kind: str(one.body["query"]) for one in about(Question(), "calls", CALL, "c1")}
    assert set(asked) == {"incidents", "feedback"}
    assert all(said in asked["feedback"] for said in ("hypercare.links.call", "c1", "t1", "r1"))
    message = {**CALL, "hypercare": {"links": [{"call": "c7"}]}}
    back = {one.kind: str(one.body["query"]) for one in about(Question(), "feedback", message, "f1")}
    assert set(back) == {"incidents", "calls"}
    assert all(said in back["calls"] for said in ("c7", "t1", "r1"))
    assert "f1" in back["incidents"]


def test_what_has_nothing_that_belongs_to_it_asks_nothing() -> None:
    assert about(Question(), "incidents", {}, "i") == []
    assert [one.kind for one in about(Question(), "feedback", {}, "f")] == ["incidents"]
    assert about(Question(kinds=("feedback",)), "feedback", CALL, "f") == []


def test_what_reads_alike_leaves_itself_out() -> None:
    (calls,) = like(Question(), "calls", CALL, "c1")
    assert calls.body["query"]["bool"]["must"][0]["bool"]["must_not"][0] == {"ids": {"values": ["c1"]}}
    assert [one.kind for one in like(Question(), "feedback", {"message": "a"}, "f")] == ["incidents", "feedback"]


def test_a_path_that_ends_before_is_nothing() -> None:
    assert at({"a": {"b": 1}}, "a.b") == 1
    assert at({"a": 1}, "a.b") is None
    assert at({}, "a.b") is None


class Server:
    """Answers with whatever it is told; keeps what it was asked."""

    def __init__(self, *responses: Any) -> None:
        self.responses = list(responses)
        self.body: dict[str, Any] = {}

    def msearch(self, **_: Any) -> Any:
        self.body = {"responses": self.responses}
        return self


def test_an_answer_that_lacks_everything_is_read() -> None:
    hits = {"hits": {"total": {"value": 1, "relation": "gte"}, "hits": [{"_id": "a", "_source": {}}]}}
    answers = ask(Server(hits, hits, hits), searches(Question("x"), {}), ("x",))
    assert [(answer.kind, answer.total, answer.more, len(answer.hits)) for answer in answers] == [
        (kind, 1, True, 1) for kind in KINDS
    ]
    assert answers[0].hits[0].id == "a"
