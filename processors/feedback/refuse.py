"""Which feedback is not worth reading on, and why."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

from contracts.errors import Unwanted
from contracts.feedback import Feedback
from processors.feedback.cleaning import automatic, spam
from processors.feedback.cleaning.readable import plain, readable_text

EMOJI = "So"
"""Unicode's category of symbols that are no letters: a thumb says something, three dots do not."""
MAX_CHARS = 100_000
"""A bug report with a pasted log is rightly long (one in 250 of a public tracker has over 20,000 characters); beyond
this it is a file or an attack."""
EMPTY = "feedback_empty"
OVERSIZE = "feedback_oversize"
AUTOMATIC = "feedback_automatic"
SPAM = "feedback_spam"


def refuse(feedback: Feedback) -> None:
    """Raise `Unwanted` for feedback that says nothing or far too much, that no person wrote, or that advertises."""
    length = len(feedback.title or "") + 1 + len(feedback.text)
    if length > MAX_CHARS:
        raise Unwanted(OVERSIZE, f"{length} characters, at most {MAX_CHARS} are taken")
    text = readable_text(feedback)
    if not _says_something(text) and not _says_something(plain(feedback.title or "")):
        raise Unwanted(EMPTY, "neither title nor text holds a letter, a digit or an emoji")
    _refuse_from(AUTOMATIC, automatic.automatic(feedback, text), automatic.ENOUGH)
    _refuse_from(SPAM, spam.spam(feedback, text), spam.ENOUGH)


def _says_something(text: str) -> bool:
    return any(c.isalnum() or category(c) == EMOJI for c in text)


def _refuse_from(code: str, found: Sequence[tuple[str, int]], enough: int) -> None:
    points = sum(point for _, point in found)
    if points >= enough:
        why = "; ".join(f"{reason} +{point}" for reason, point in found)
        raise Unwanted(code, f"{points} points, {enough} are enough: {why}")
