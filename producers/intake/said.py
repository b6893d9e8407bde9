"""Whether feedback says anything, and whether its rating is on its scale: told at once, while the sender listens."""

from __future__ import annotations

from unicodedata import category

from contracts.errors import Rejected
from contracts.feedback import Feedback

_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Unicode's categories of control and format characters, such as zero width, and of spaces."""


def saying_something(feedback: Feedback) -> Feedback:
    """The feedback, with its rating or its title as the text where there is no other; raise `Rejected`."""
    rating = feedback.rating
    if rating is not None:
        rating.check()
    if not _blank(feedback.text) or not _blank(feedback.title or ""):
        return feedback
    if rating is None:
        raise Rejected("invalid_field", "text: nothing is said; text, title or rating has to say something")
    return feedback.model_copy(update={"text": f"{rating.scale} {rating.value:g}"})


def _blank(text: str) -> bool:
    return not text or text.isspace() or all(category(c) in _INVISIBLE for c in text)
