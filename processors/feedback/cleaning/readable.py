"""What a sender wrote as plain text: one spelling, no control characters, no markup of mails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from contracts.feedback import Feedback
from contracts.spelling import legible
from processors.feedback.cleaning.html_text import html_to_text, is_html

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?")


def header(attributes: Mapping[str, Any], name: str) -> str:
    """A mail header among the attributes, however it is written: ``headers.Auto-Submitted`` is ``auto_submitted``."""
    for key, value in attributes.items():
        if key.rpartition(".")[2].casefold().replace("_", "-") == name and value is not None:
            return str(value).strip().casefold()
    return ""


def readable_text(feedback: Feedback) -> str:
    """Its text; empty when there was nothing but markup, control characters and what cannot be seen."""
    text = plain(feedback.text)
    if "<" in text and is_html(text, header(feedback.attributes, "content-type")):
        return legible(html_to_text(text))
    return text


def plain(text: str) -> str:
    """A text in one spelling, lines ended by a newline, without control characters."""
    text = legible(text)
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    return _CONTROL.sub("", text)
