"""Messages without calls: so many problems, sentences and others as were asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.feedback import Feedback
from producers.simulate.people.grammar import spoken
from producers.simulate.people.talk import messages_only
from producers.simulate.people.wordings.tongues import wordings
from tests.unit.producers.simulate.test_wordings import FILLED


@pytest.mark.parametrize("seed", range(4))
def test_two_problems_of_twelve_sentences_and_half_as_much_of_everything_else(seed: int) -> None:
    said = list(messages_only(seed))
    by_problem = Counter(piece.truth["problem"] for piece in said)
    assert len(said) == 750
    assert by_problem.pop(None) == 250
    assert len(by_problem) == 2
    assert min(by_problem.values()) > 180
    sentences = defaultdict(set)
    for piece in said:
        sentences[piece.truth["problem"]].add(piece.truth["wording"])
    assert all(len(sentences[problem]) == 12 for problem in by_problem)


def test_words_alone_can_tell_them_apart() -> None:
    for piece in messages_only(5, messages=100):
        feedback = Feedback.model_validate_json(piece.raw)
        assert feedback.context.screen is feedback.context.route is feedback.session is None
        assert feedback.trace.trace_id is feedback.trace.request_id is None
        assert piece.truth["call"] is None


def test_the_same_sentence_is_seldom_said_the_same_way() -> None:
    texts = [orjson.loads(piece.raw)["text"] for piece in messages_only(1)]
    assert len(set(texts)) > 0.9 * len(texts)


def test_seeds_choose_other_problems() -> None:
    chosen = {frozenset(piece.truth["problem"] for piece in messages_only(seed, messages=20)) for seed in range(8)}
    assert len(chosen) > 4


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 60), st.floats(0, 2))
def test_any_mixture_can_be_asked_for(seed: int, problems: int, messages: int, noise: float) -> None:
    said = list(messages_only(seed, problems=problems, messages=messages, noise=noise, languages=("en", "de", "zh")))
    planted = {piece.truth["problem"] for piece in said} - {None}
    assert sum(piece.truth["problem"] is not None for piece in said) == messages
    assert len(said) == messages + round(noise * messages)
    assert len(planted) <= problems
    assert not planted & {piece.truth["topic"] for piece in said if piece.truth["problem"] is None}
    assert {piece.truth["language"] for piece in said} <= {"en", "de", "zh"}
    assert said == list(
        messages_only(seed, problems=problems, messages=messages, noise=noise, languages=("en", "de", "zh"))
    )


def test_those_who_write_for_reasons_of_their_own_seldom_repeat_each_other() -> None:
    said = [(m.truth["topic"], m.truth["wording"], orjson.loads(m.raw)["text"]) for m in messages_only(4)
            if m.truth["problem"] is None]  # fmt: skip
    texts = Counter(text for _, _, text in said)
    assert max(texts.values()) <= 3
    assert len(texts) > 0.95 * len(said)
    for topic in ("praise", "question", "feature", "usability", "other"):
        lines = wordings("en", topic)
        various = [line for line in lines if len({spoken(line, Random(n), FILLED) for n in range(30)}) > 25]
        assert len(various) >= 4, topic
