"""Title and text of one piece of feedback, as they may be read and kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from contracts.feedback import Feedback
from contracts.personal_data import mask_personal_data
from processors.feedback.cleaning.names import mask_names, mask_reporter
from processors.feedback.cleaning.quoted import cut_quoted
from processors.feedback.cleaning.readable import plain, readable_text
from processors.feedback.cleaning.signature import cut_signature

QUOTED_CUT = "quoted_cut"
SIGNATURE_CUT = "signature_cut"
QUOTED_KEPT = "quoted_kept"
"""Nothing would have been left, so that the whole is kept."""
_MAX_TITLE = 8_192
"""A mask may be longer than what it hides, and must not break the field's limit."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left, and what was done to it.

    ``masked`` counts pieces by kind, ``quoted_lines`` and ``signature_lines`` what was cut, ``notes`` says it in the
    words of an event's notes.
    """

    text: str
    title: str | None
    masked: Counter[str]
    quoted_lines: int
    signature_lines: int
    notes: tuple[str, ...]


def clean(feedback: Feedback) -> Cleaned:
    """Make plain text of title and text, cut what repeats and what signs, mask what is personal or secret."""
    whole = readable_text(feedback) or plain(feedback.text)
    text, quoted = cut_quoted(whole, mail=feedback.channel == "email")
    text, signed = cut_signature(text)
    notes = [QUOTED_CUT] if quoted else []
    if signed:
        notes.append(SIGNATURE_CUT)
    if (quoted or signed) and not any(map(str.isalnum, text)):
        text, quoted, signed, notes = whole, 0, 0, [QUOTED_KEPT]
    counts: Counter[str] = Counter()
    text = _mask(text.strip("\n") if quoted or signed else text, feedback, counts)
    title = None if feedback.title is None else _mask(plain(feedback.title), feedback, counts)[:_MAX_TITLE]
    return Cleaned(text, title, counts, quoted, signed, tuple(notes))


def _mask(text: str, feedback: Feedback, counts: Counter[str]) -> str:
    text, found = mask_personal_data(text)
    text, reporters = mask_reporter(text, feedback.reporter)
    text, names = mask_names(text)
    counts.update(found)
    if reporters or names:
        counts["name"] += reporters + names
    return text
