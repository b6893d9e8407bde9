"""Where a message ends and its signature begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from processors.feedback.cleaning.closings import FORMAL_CLOSING
from processors.feedback.cleaning.matter import FAULT, SECURITY, THING

MAX_LINES = 15
MAX_CHARS = 1_500
"""Of a signature; what is longer says something. RFC 3676 asks for four lines, offices write a dozen."""
_LONGEST_LINE = 90
_MOST_WORDS = 12
"""Of a line of a signature: names, addresses, titles. A longer line is a sentence."""
_DELIMITER = re.compile(r"--[ \t]*")
_DEVICE = re.compile(
    r"(?i)\s*(?:sent (?:from|via|with|using) (?:my|the|an?|yahoo|proton|outlook|gmail|mobile|mail)\b.{0,60}"
    r"|get outlook for .{2,20}"
    r"|(?:von meine[mr] .{2,40} gesendet|gesendet (?:von|mit|über|aus) (?:mein|der|outlook|yahoo|gmx|web\.de"
    r"|mobil).{0,60})"
    r"|holen sie sich outlook .{2,20}|diese nachricht wurde von meinem .{2,40} gesendet\.?"
    r"|(?:envoyé|télécharger outlook) (?:de|depuis|à partir de|avec|pour) .{2,60}"
    r"|enviad[oa] (?:desde|do|da|pelo|via|a partir) .{2,60}|obt(?:ener|enha o) outlook para .{2,20}"
    r"|(?:发自我的|来自我的|从我的).{1,30})[.!]?\s*"
)
_CLOSING = re.compile(rf"(?i)\s*{FORMAL_CLOSING}(?![^\W_])\s*[,.!\uff0c\u3002]{{0,2}}\s*(?P<after>.{{0,60}})")
_CONFIDENTIAL = re.compile(
    r"(?i)\s*\W{0,5}(?:(?:confidentiality|legal) (?:notice|disclaimer)\b|(?:this|the information in this) (?:e-?mail"
    r"|message)"
    r"(?: (?:and|or) any .{3,40})? (?:is|are|may be|may contain|contains)\b.{0,40}\b(?:confidential|intended"
    r"|privileged)"
    r"|diese (?:e-?mail|nachricht)\b.{0,40}\b(?:vertraulich|bestimmt)|ce (?:message|courriel"
    r"|mail)\b.{0,60}\bconfidentiel"
    r"|este (?:mensaje|correo|e-?mail)\b.{0,60}\bconfidencial|esta mensagem\b.{0,60}\bconfidencial)"
)
_SENTENCE_ENDS = re.compile(r"[.!?\u3002\uff01\uff1f]\s*$")
_POSTSCRIPT = re.compile(r"(?i)\s*p\.?\s?s\b")


def cut_signature(text: str) -> tuple[str, int]:
    """Drop a signature, the name of a device or of a mail program, and a legal notice at the end; count the lines."""
    lines = text.split("\n")
    before = len(lines)
    first = max(len(lines) - MAX_LINES - 1, 0)
    for at in range(first, len(lines)):
        if _CONFIDENTIAL.match(lines[at][:_LONGEST_LINE]) and any(line.strip() for line in lines[:at]):
            del lines[at:]
            break
    lines[first:] = [line for line in lines[first:] if len(line) > _LONGEST_LINE or not _DEVICE.fullmatch(line)]
    begin = _begin(lines)
    if begin is not None:
        del lines[begin:]
    return ("\n".join(lines), before - len(lines)) if len(lines) < before else (text, 0)


def _begin(lines: Sequence[str]) -> int | None:
    """The line with which a signature begins; none when what follows is more than one."""
    for at in range(max(len(lines) - MAX_LINES - 1, 0), len(lines)):
        if _DELIMITER.fullmatch(lines[at][:_LONGEST_LINE]) and _is_signature(lines[at + 1 :]):
            return at
        closing = _CLOSING.fullmatch(lines[at]) if len(lines[at]) <= _LONGEST_LINE else None
        if closing and _is_line_of_signature(closing["after"]) and _is_signature(lines[at + 1 :]):
            return at
    return None


def _is_signature(lines: Sequence[str]) -> bool:
    return sum(map(len, lines)) <= MAX_CHARS and all(map(_is_line_of_signature, lines))


def _is_line_of_signature(line: str) -> bool:
    """Short, and no sentence: a name, a firm, an address, a number."""
    if len(line) > _LONGEST_LINE or _POSTSCRIPT.match(line):
        return False
    if any(words.search(line.lower()) for words in (FAULT, THING, SECURITY)):
        return False
    words = len(line.split())
    return words <= _MOST_WORDS // 3 or (words <= _MOST_WORDS and not _SENTENCE_ENDS.search(line))
