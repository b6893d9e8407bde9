"""Which feedback is not worth reading on, and why."""

from __future__ import annotations

from unicodedata import category

from contracts.errors import Rejected
from contracts.feedback import Feedback

EMOJI = "So"
"""Unicode's category of symbols that are no letters: a thumb says something, three dots do not."""
MAX_CHARS = 100_000
"""A bug report with a pasted log is rightly long (one in 250 of a public tracker has over 20,000 characters); beyond
this it is a file or an attack."""


def refuse(feedback: Feedback) -> None:
    """Raise `Rejected` for feedback that says nothing or far too much."""
    said = f"{feedback.title or ''} {feedback.text}"
    if not any(c.isalnum() or category(c) == EMOJI for c in said):
        raise Rejected("feedback_empty", "neither title nor text holds a letter, a digit or an emoji")
    if len(said) > MAX_CHARS:
        raise Rejected("feedback_oversize", f"{len(said)} characters, at most {MAX_CHARS} are taken")
