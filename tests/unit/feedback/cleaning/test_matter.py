"""Words by which somebody speaks of a system."""

from __future__ import annotations

import re

import pytest

from processors.feedback.cleaning.matter import _FAULT, _SECURITY, _THING, FAULT, SECURITY, THING


def plain_words(listed: str) -> list[str]:
    """Those that are spelled out: nothing in them is a pattern."""
    outside = re.sub(r"\([^()]*\)", "()", re.sub(r"\([^()]*\)", "()", listed))
    return [word for word in outside.split("|") if re.fullmatch(r"[\w \-]+", word)]


@pytest.mark.parametrize(
    ("listed", "found_by"),
    [(_FAULT, FAULT), (_THING, THING), (_SECURITY, SECURITY)],
    ids=["fault", "thing", "security"],
)
def test_each_word_is_found_by_itself(listed: str, found_by: re.Pattern[str]) -> None:
    """Where a list goes on in the next line, two words easily become one."""
    words = plain_words(listed)
    assert len(words) > 20
    assert [word for word in words if not found_by.search(word)] == []


@pytest.mark.parametrize(
    "said",
    [
        "a vulnerability in the upload form",
        "vulnerable to clickjacking",
        "alerta de suplantación en su nombre",
        "收到钓鱼邮件",
    ],
)
def test_a_weakness_is_spoken_of(said: str) -> None:
    assert SECURITY.search(said)
