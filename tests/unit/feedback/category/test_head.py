"""Heads that learn any labels, and the threshold of security."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.feedback.category.categorise import Categoriser
from processors.feedback.category.features import features_of
from processors.feedback.category.head import Head, Said, macro_f1, teach
from processors.feedback.category.threshold import g_measure, threshold_of
from processors.feedback.category.words import read_words

JUDGE = Categoriser.shipped()
FRUIT = [f"{word} {number} on the table" for number in range(12) for word in ("apple", "pear", "plum")]
LABELS = ["red", "green", "blue"] * 12


def said(texts: Sequence[str]) -> Said:
    features = [features_of(read_words(None, text)) for text in texts]
    return Said(features, np.stack([JUDGE.model.outputs(f) for f in features]))


def told(head: Head, texts: Sequence[str]) -> list[str]:
    return [head.labels[i] for i in head.probabilities(said(texts)).argmax(axis=1)]


@pytest.mark.parametrize("most_exact", [1_000, 0], ids=["solved", "in steps"])
def test_any_labels_are_learned(most_exact: int) -> None:
    head = teach(said(FRUIT), LABELS, most_exact=most_exact)
    assert head.labels == ("blue", "green", "red")
    assert told(head, ["apple 70 on the table", "Pear 71 on a table", "the plum 72"]) == ["red", "green", "blue"]
    found = head.probabilities(said([*FRUIT, ""]))
    assert np.allclose(found.sum(axis=1), 1, atol=1e-4)
    assert (head.of_examples.argmax(axis=1) == [head.labels.index(label) for label in LABELS]).mean() > 0.9


def test_the_same_examples_teach_the_same_and_their_order_hardly_matters() -> None:
    first, again = teach(said(FRUIT), LABELS), teach(said(FRUIT), LABELS)
    assert (first.of_examples == again.of_examples).all()
    turned = teach(said(FRUIT[::-1]), LABELS[::-1])
    probes = said(["an apple in the sun", "one more pear"])
    assert np.allclose(first.probabilities(probes), turned.probabilities(probes), atol=0.05)


def test_an_example_left_out_knows_nothing_of_its_own_label() -> None:
    labels = [*LABELS, "yellow"]
    head = teach(said([*FRUIT, "banana is bent"]), labels)
    assert head.labels[int(head.of_examples[-1].argmax())] != "yellow"
    assert told(head, ["banana is bent"]) == ["yellow"]


def test_one_label_is_no_choice() -> None:
    with pytest.raises(ValueError, match="two different labels"):
        teach(said(FRUIT), ["same"] * len(FRUIT))


def test_empty_texts_do_no_harm() -> None:
    head = teach(said([*FRUIT, "", "   "]), [*LABELS, "red", "green"])
    assert np.isfinite(head.probabilities(said(["", "apple"]))).all()


def test_f1_is_the_mean_over_labels() -> None:
    assert macro_f1(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2) == pytest.approx((2 / 3 + 0.8) / 2)
    assert macro_f1(np.array([0, 0]), np.array([0, 0]), 5) == 1


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=2, max_size=60))
def test_the_threshold_is_about_as_good_as_the_best(rows: list[tuple[float, bool]]) -> None:
    scores, positive = np.array([s for s, _ in rows]), np.array([p for _, p in rows])
    if positive.all() or not positive.any():
        return
    chosen = threshold_of(scores, positive)

    def g(threshold: float) -> float:
        return g_measure(float((scores[positive] >= threshold).mean()), float((scores[~positive] >= threshold).mean()))

    distinct = len(set(scores.tolist())) == len(scores)
    assert not distinct or g(chosen) >= max(g(float(s)) for s in scores) - 0.011


def test_g_is_a_harmonic_mean() -> None:
    assert g_measure(1, 0) == 1
    assert g_measure(0, 1) == 0
    assert g_measure(0.8, 0.2) == pytest.approx(0.8)
