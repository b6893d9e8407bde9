"""Relabels: they work at once, leave no trace when taken back, and do not blow up when they contradict."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.feedback.category.categorise import Categoriser
from processors.feedback.category.labels import CATEGORIES
from processors.feedback.category.learned import MOST, Learned, Relabel

JUDGE = Categoriser.shipped()
TEXTS = ("the till prints squares", "no bread left on shelf nine", "shelf nine is empty again", "why squares", "ok 👍")
PROBES = ("squares on the receipt", "shelf nine", "something else entirely")


def relabel(number: int, text: str, label: str, feedback: str | None = None) -> Relabel:
    return JUDGE.relabel(
        None, text, id=f"c{number}", feedback=feedback or f"f{number}", label=label, by="ann", at=number
    )


def said(learned: Learned | None) -> list[dict[str, float]]:
    return [dict(JUDGE.judge(None, probe, learned=learned).probabilities) for probe in PROBES]


def kept(*relabels: Relabel) -> Learned:
    learned = Learned()
    for one in relabels:
        learned.relabel(one)
    return learned


Decisions = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(CATEGORIES), st.integers(0, 3)), max_size=8)


def test_a_relabel_counts_at_once_and_for_texts_that_are_alike() -> None:
    text = "The lift in building C stands still"
    assert JUDGE.judge(None, text).category != "usability"
    learned = kept(relabel(1, text, "usability"))
    assert JUDGE.judge(None, text, learned=learned).category == "usability"
    alike = "lift in building B stands still again"
    before, after = (JUDGE.judge(None, alike, learned=known).probabilities["usability"] for known in (None, learned))
    assert after > before


@given(Decisions, st.integers(0, 7))
@settings(max_examples=40)
def test_taken_back_is_as_if_it_had_never_been(decisions: list[tuple[str, str, int]], which: int) -> None:
    relabels = [relabel(n, text, label, f"f{about}") for n, (text, label, about) in enumerate(decisions)]
    with_it = kept(*relabels)
    taken = relabels[which % len(relabels)].id if relabels else "c0"
    assert with_it.take_back(taken) == bool(relabels)
    assert not with_it.take_back(taken)
    assert said(with_it) == said(kept(*(one for one in relabels if one.id != taken)))


@given(Decisions)
@settings(max_examples=30)
def test_stored_and_read_it_says_the_same(decisions: list[tuple[str, str, int]]) -> None:
    learned = kept(*(relabel(n, text, label, f"f{about}") for n, (text, label, about) in enumerate(decisions)))
    whole = Learned.decode(learned.encode())
    single = Learned([Relabel.decode(one.encode()) for one in reversed(learned.relabels())])
    assert said(whole) == said(single) == said(learned)
    assert whole.encode() == learned.encode()


def test_the_last_of_one_feedback_counts_and_the_same_twice_counts_once() -> None:
    first, second = relabel(1, TEXTS[0], "praise", "f"), relabel(2, TEXTS[0], "question", "f")
    both = kept(first, second)
    assert said(both) == said(kept(second))
    assert both.relabel(second) == ()
    assert len(both) == 2
    both.take_back(second.id)
    assert said(both) == said(kept(first))


def test_contradicting_relabels_of_alike_texts_stay_within_bounds() -> None:
    labels = ("functional_bug", "praise")
    learned = kept(*(relabel(n, "the till prints squares", labels[n % 2]) for n in range(60)))
    found = JUDGE.judge(None, "the till prints squares", learned=learned).probabilities
    assert all(0 <= p <= 1 for p in found.values())
    assert abs(found["functional_bug"] - found["praise"]) < 0.1
    assert found["functional_bug"] + found["praise"] > 0.9


def test_relabels_are_bounded_and_the_oldest_go_first() -> None:
    learned = kept(*(relabel(n, f"text number {n}", "other") for n in range(MOST)))
    (gone,) = learned.relabel(relabel(MOST, "one more", "praise"))
    assert gone.id == "c0"
    assert len(learned) == MOST
    assert len(learned.encode()) < 1_300 * MOST


def test_a_wrong_relabel_hides_no_security_report() -> None:
    text = "SQL injection in the search box, passwords of all customers can be read"
    learned = kept(*(relabel(n, text, "praise") for n in range(30)))
    before, after = (JUDGE.judge(None, text, learned=known).security for known in (None, learned))
    assert after.flagged
    assert after.probability >= before.probability
    raised = kept(relabel(1, "the blue folder lies open", "security"))
    assert JUDGE.judge(None, "the blue folder lies open", learned=raised).security.flagged


def test_nothing_learned_changes_nothing() -> None:
    assert said(Learned()) == said(None)
    assert Learned().encode() == b""


def test_unknown_labels_and_foreign_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="no category"):
        relabel(1, "text", "bug")
    stored = relabel(1, "text", "other").encode()
    with pytest.raises(ValueError, match="other categories"):
        Relabel.decode(stored.replace(b'"other"', b'"thing"'))
