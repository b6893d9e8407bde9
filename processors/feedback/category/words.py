"""A text as words: what stands for nothing by itself (addresses, numbers, code) becomes one mark for its kind.

Every word keeps its place in the text, so that what decided can be shown as it stands there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_TITLE = 400
MAX_TEXT = 6_000
"""Characters that are read: what a report is about is said early, and pasted logs follow."""
MOST_WORDS = 700
MOST_PARTS = 6
"""Parts of one identifier that are kept."""
LONGEST_WORD = 40
"""Beyond this it is no word of any language, but something pasted."""

CODE, TRACE, ADDRESS, MASKED, VERSION, NUMBER, PATH, NAME, ASKS, SHOUTS, TAG = map(chr, range(0xE000, 0xE00B))
"""One private character for each kind, so that no text can spell them."""
MARKS = {
    "code": CODE,
    "frame": TRACE,
    "address": ADDRESS,
    "masked": MASKED,
    "version": VERSION,
    "number": NUMBER,
    "path": PATH,
    "asks": ASKS,
    "shouts": SHOUTS,
    "tag": TAG,
}
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206F), 0xFEFF])
_PRIVATE = dict.fromkeys(range(0xE000, 0xE010), " ")
_READ = re.compile(
    r"(?P<code>```.{0,3000}?(?:```|\Z)|\{code[^}\n]{0,40}\}.{0,3000}?(?:\{code\}|\Z)"
    r"|\{noformat\}.{0,3000}?(?:\{noformat\}|\Z))"
    r"|(?P<tag></?[a-zA-Z][^<>\n]{0,80}>|<!--.{0,1000}?-->)"
    r"|(?P<address>(?:https?|ftp|file|jdbc)[:/][^\s<>\"')\]]{1,500}|www\.[^\s<>\"')\]]{1,300})"
    r"|(?P<masked>\[(?:email|account|card|ip|phone|secret|name|masked)\])"
    r"|(?P<frame>\bat (?:[\w$]{1,60}\.){2,12}[\w$<>]{1,60}\([^)\n]{0,80}\)"
    r"|File \"[^\"\n]{1,200}\", line \d{1,6}[^\n]{0,80}"
    r"|Traceback \(most recent call last\))"
    r"|(?P<path>(?:[A-Za-z]:)?(?:[/\\][\w.\-$]{1,60}){2,20})"
    r"|(?P<version>\bv?\d{1,5}(?:\.\d{1,6}){1,4}(?:[\-.+]?[A-Za-z][\w]{0,20})?)"
    r"|(?P<cjk>[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])"
    r"|(?P<word>[^\W\d_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff](?:[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|['\u2019](?=[^\W\d_]))*"
    r"(?:[_.$:]{1,2}[^\W\d_][\w$]{0,80})*)"
    r"|(?P<number>[#0-9][\w]{0,60})"
    r"|(?P<asks>[?\uff1f\u00bf\u061f]+)"
    r"|(?P<shouts>[!\uff01\u00a1]+)"
    r"|(?P<sign>[\u2600-\u27bf\U0001f300-\U0001faff]|[:;]-?[()DP](?!\w)|</?3)",
    re.DOTALL,
)
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zß-öø-ÿ]+|[^\W\d_]+")
_IDENTIFIER = re.compile(r"[_.$:]|[a-z][A-Z]|[A-Z]{2}[a-z]")
_PLURALS = re.compile(r"[A-Z]{2,5}s")


_FIRST_LINE = re.compile(r"\s{0,20}(\S[^\n]{14,200}?)(?:\n| {3,})\s{0,200}\S")
"""A text that begins with a line of its own, as trackers and mails put a title before the text."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words in order, title first; ``spans`` are their places in ``text``, ``title`` of them are the title's."""

    text: str
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    title: int


def read_words(title: str | None, text: str) -> Words:
    """Read a title and a text; both are cut where they get longer than anybody reads."""
    head = visible((title or "")[: 2 * MAX_TITLE])[:MAX_TITLE].strip()
    body = visible(text[: 2 * MAX_TEXT])[:MAX_TEXT]
    said = f"{head}\n{body}" if head else body
    ends = len(head) if head else _end_of_first_line(body)
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    titled = 0
    for match in _READ.finditer(said):
        if len(words) >= MOST_WORDS:
            break
        kind = str(match.lastgroup)
        for word in _spell(kind, match[0]):
            words.append(word)
            spans.append(match.span())
        if match.start() < ends:
            titled = len(words)
    return Words(said, tuple(words), tuple(spans), titled)


def _end_of_first_line(text: str) -> int:
    """Where a first line that stands for a title ends, or 0."""
    match = _FIRST_LINE.match(text)
    return match.end(1) if match and match[1].count(" ") > 1 else 0


def visible(text: str) -> str:
    """The text without characters that nobody sees, and without those that stand for our own marks."""
    return text if text.isascii() else text.translate(_INVISIBLE).translate(_PRIVATE)


def _spell(kind: str, found: str) -> tuple[str, ...]:
    if kind == "word":
        return _spell_word(found)
    if kind in {"cjk", "sign"}:
        return (unicodedata.normalize("NFKC", found),)
    if kind == "code" and ("Exception" in found or "Error" in found or "Traceback" in found or "panic" in found):
        return CODE, TRACE
    return (MARKS[kind],)


def _spell_word(found: str) -> tuple[str, ...]:
    """One word folded to its plain form, or the parts of an identifier after the mark for one."""
    if len(found) > LONGEST_WORD and " " not in found and not _IDENTIFIER.search(found):
        return (NAME,)
    if found.islower() and found.isascii() and found.isalpha():
        return (found,)
    if _IDENTIFIER.search(found) and not _PLURALS.fullmatch(found):
        parts = _HUMP.findall(found)[-MOST_PARTS:]
        return (NAME, *(part.casefold() for part in parts if len(part) > 1))
    return (unicodedata.normalize("NFKC", found).casefold().replace("\u2019", "'"),)
