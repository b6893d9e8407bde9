"""Whatever language and topic: enough different sentences, every choice closed, every open word filled."""

from __future__ import annotations

from random import Random
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.simulate.people.channels import WAYS, channel_for, delay_s
from producers.simulate.people.grammar import SLOT, spoken
from producers.simulate.people.manner import typed
from producers.simulate.people.person import person
from producers.simulate.people.wordings.tongue import Kind, Mood, Other, Topic
from producers.simulate.people.wordings.tongues import TONGUES, Language, wordings

FILLED = {
    name: f"<{name}>"
    for name in (
        "minutes", "count", "size", "thing", "screen", "device", "browser", "amount", "order", "clock", "part",
        "waited", "later",
    )
}  # fmt: skip
TOPICS: tuple[Topic, ...] = (*get_args(Kind), *get_args(Other))
MACHINES = {"spam", "automatic"}


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize("topic", get_args(Kind))
def test_every_problem_has_many_wordings_in_every_language(language: Language, topic: Topic) -> None:
    offered = TONGUES[language].wordings[topic]
    assert len(set(offered)) == len(offered) >= (12 if language == "en" else 6)
    titles = {spoken(each, Random(1), FILLED)[0] for each in offered}
    assert len(titles) == len(offered)


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_wording_can_be_said(language: Language, topic: Topic) -> None:
    for wording in wordings(language, topic):
        assert set(SLOT.findall(wording)) <= set(FILLED)
        for seed in range(5):
            title, text = spoken(wording, Random(seed), FILLED)
            assert title
            assert text
            assert not set("[]{}|") & set(title + text)


@pytest.mark.parametrize("language", TONGUES)
def test_a_language_has_words_for_every_mood_and_page(language: Language) -> None:
    tongue, english = TONGUES[language], TONGUES["en"]
    assert set(tongue.openers) == set(tongue.closers) == set(get_args(Mood))
    assert set(tongue.screens) == set(english.screens)
    assert tongue.nudges
    assert all((tongue.greetings, tongue.farewells, tongue.noted, tongue.things))


def test_no_sentence_belongs_to_two_topics() -> None:
    for language in TONGUES:
        said = [each for topic in TOPICS if topic not in MACHINES for each in TONGUES[language].wordings[topic]]
        assert len(said) == len(set(said))


WORDS = st.text("abc äöü汉 ", min_size=1, max_size=6)
CHOICES = st.recursive(WORDS, lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda p: f"[{'|'.join(p)}]"))


@given(st.lists(CHOICES, max_size=4).map(" ".join), st.integers())
def test_nested_choices_leave_no_brackets(wording: str, seed: int) -> None:
    title, text = spoken(f"t // {wording}", Random(seed), {})
    assert title == "t"
    assert not set("[]|") & set(text)
    assert spoken(f"t // {wording}", Random(seed), {}) == (title, text)


def test_a_word_that_nobody_fills_is_an_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        spoken("a // {colour}", Random(1), FILLED)


@given(st.text(max_size=80), st.integers(0, 200))
def test_slips_of_the_finger_never_touch_other_alphabets(text: str, number: int) -> None:
    who = person(1, f"somebody-{number}", "DE")
    said = typed(text, who, Random(number))
    kept = [c for c in text if not c.isascii()]
    if who.casing == "usual":
        assert [c for c in said if not c.isascii()] == kept
    assert len(said) <= 3 * len(text)


def test_a_person_stays_the_same_and_people_differ() -> None:
    assert person(1, "user-1", "DE") == person(1, "user-1", "DE")
    crowd = [person(1, f"user-{number}", "DE") for number in range(300)]
    assert {each.language for each in crowd} == {"de", "en", "pt", "zh"}
    assert {each.casing for each in crowd} == {"usual", "lower", "upper"}
    assert 0.1 < sum(each.typos > 0 for each in crowd) / 300 < 0.5


def test_letters_take_longer_than_a_press_in_the_application() -> None:
    middle = {}
    for channel in WAYS:
        drawn = sorted(delay_s(channel, Random(f"{channel}/{number}")) for number in range(999))
        middle[channel] = drawn[499]
        assert middle[channel] == pytest.approx(WAYS[channel].delay_s, rel=0.2)
    assert middle["in_app"] < middle["ticket"] < middle["email"]


def test_who_is_known_by_trace_or_session_is_in_the_application() -> None:
    for number in range(50):
        assert channel_for("trace", Random(number)) in {"in_app", "chat", "ticket"}
        assert channel_for("session", Random(number)) in {"in_app", "chat"}
