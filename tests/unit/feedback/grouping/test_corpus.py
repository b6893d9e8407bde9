"""Which reports are nearest, whatever came and went before."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.grouping.corpus import Corpus
from processors.feedback.grouping.features import features_of
from tests.unit.feedback.grouping.said import stream


def test_the_report_that_shares_rare_words_is_nearest() -> None:
    corpus = Corpus()
    texts = ("bell rings at night", "bell rings at noon", "walrus bell", "a garden hose")
    for order, text in enumerate(texts):
        corpus.add(text, order, features_of("", text))
    near = corpus.nearest(features_of("", "the walrus has no bell"))
    assert near[0].report == "walrus bell"
    assert "a garden hose" not in [each.report for each in near]


def test_a_text_is_fully_like_itself() -> None:
    corpus = Corpus()
    features = features_of("Bell", "it rings at night")
    corpus.add("a", 0, features)
    (near,) = corpus.nearest(features)
    assert near.words > 0.999
    assert near.letters > 0.99
    assert 0.99 < near.similarity <= 1


def test_of_equally_near_ones_the_latest_comes_first() -> None:
    corpus = Corpus()
    for order in range(100):
        corpus.add(str(order), order, features_of("", "bell rings at night"))
    near = corpus.nearest(features_of("", "night bell"), most=3)
    assert [each.report for each in near] == ["99", "98", "97"]


@given(st.integers(0, 1_000), st.integers(1, 40))
def test_what_was_removed_leaves_no_trace(seed: int, gone: int) -> None:
    made = stream(seed, 60)
    features = {report.id: features_of(report.title, report.text) for report in made}
    lived, fresh = Corpus(), Corpus()
    for order, report in enumerate(made):
        lived.add(report.id, order, features[report.id])
    removed = set(Random(seed).sample(sorted(features), gone))
    for name in sorted(removed):
        lived.remove(name)
    for order, report in enumerate(made):
        if report.id not in removed:
            fresh.add(report.id, order, features[report.id])
    for report in made[:10]:
        assert lived.nearest(features[report.id]) == fresh.nearest(features[report.id])
        assert lived.telling(features[report.id], 12) == fresh.telling(features[report.id], 12)
    assert len(lived) == len(fresh) == 60 - gone
