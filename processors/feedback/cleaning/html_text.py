"""Text of a mail or ticket that was written in HTML.

`html.parser` takes quadratic time on marks that are never closed, so this walks over the text once with its own look
at tags: each attempt ends at the next ``<``, and what never closes is searched for once.
"""

from __future__ import annotations

import re

from contracts.encoded import entities_read

_DOCUMENT = re.compile(
    r"(?is)\s*<(?:!doctype html|html|head|body|div|p|span|table|font|center|section|article|meta|h[1-6]|ul|ol|br|b"
    r"|strong)\b"
    r"(?:\s[^<>]{0,2000})?/?>"
)
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})((?:[^<>"']|"[^"<]{0,2000}"|'[^'<]{0,2000}')*+)>""")
_LINES = frozenset(
    """
    address article aside blockquote br center dd div dl dt fieldset footer form h1 h2 h3 h4 h5 h6 header hr li
    main nav ol p pre section table tbody thead tr ul
    """.split()  # noqa: SIM905 - readable so
)
"""Elements that begin and end on a line of their own."""
_DROPPED = frozenset(("script", "style", "head", "title", "noscript", "template", "svg"))
"""Elements with nothing in them that a reader of the mail saw."""
_MAX_DEPTH = 20
"""Deeper quotes in quotes read as this deep."""
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_EMPTY_LINES = re.compile(r"\n(?:> ?)*\n(?:[ >]*\n)+")


def is_html(text: str, content_type: str = "") -> bool:
    """Whether a text is a document in HTML: it begins with an element and closes one, or its sender says so.

    A report that merely shows some HTML, such as a script that should not have run, is none.
    """
    if "html" in content_type.casefold():
        return "<" in text
    found = _DOCUMENT.match(text)
    return found is not None and ("</" in text or text.count("<") > 1 or found.group().rstrip().endswith("/>"))


def html_to_text(text: str) -> str:
    """What a reader of an HTML document sees, quotes behind ``> ``; scripts, styles and comments are dropped."""
    reader = _Reader()
    at = 0
    while (mark := text.find("<", at)) >= 0:
        reader.read(text[at:mark])
        at = reader.read_mark(text, mark)
    reader.read(text[at:])
    return reader.text()


class _Reader:
    """Lines read so far, and how deep in quotes the next one is."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._never: set[str] = set()

    def read(self, text: str) -> None:
        if text:
            self._line.append(_BLANKS.sub(" ", entities_read(text)))

    def read_mark(self, text: str, at: int) -> int:
        """Read what begins with ``<`` at a place; return where to go on."""
        for begin, end in (("<!--", "-->"), ("<!", ">"), ("<?", ">")):
            if text.startswith(begin, at):
                return self._after(text, end, at + 2) or self._literally(at)
        tag = _TAG.match(text, at)
        if not tag:
            return self._literally(at)
        name, closing = tag[2].lower(), tag[1] == "/"
        if name in _DROPPED and not closing and not tag[3].endswith("/"):
            return self._after(text, f"</{name}", tag.end()) or tag.end()
        self._element(name, closing=closing)
        return tag.end()

    def text(self) -> str:
        """All of it, without the empty lines that layout leaves."""
        self._break()
        return _EMPTY_LINES.sub("\n\n", "\n".join(self._lines)).strip("\n ")

    def _literally(self, at: int) -> int:
        self._line.append("<")
        return at + 1

    def _after(self, text: str, end: str, at: int) -> int:
        """Where to go on after an end; 0 if it never comes, which is searched for only once."""
        if end in self._never:
            return 0
        found = text.find(end, at)
        if found < 0 and end.startswith("</"):
            found = text.find(end.upper(), at)
        if found < 0:
            self._never.add(end)
            return 0
        closes = text.find(">", found)
        return closes + 1 if closes >= 0 else len(text)

    def _element(self, name: str, *, closing: bool) -> None:
        if name in {"td", "th"}:
            self._line.append(" ")
        if name not in _LINES:
            return
        self._break(blank=name in {"p", "blockquote", "pre"} or name[0] == "h")
        if name == "blockquote":
            self._depth = max(self._depth - 1, 0) if closing else min(self._depth + 1, _MAX_DEPTH)
        elif name == "li" and not closing:
            self._line.append("- ")

    def _break(self, *, blank: bool = False) -> None:
        line = _BLANKS.sub(" ", "".join(self._line)).strip()
        self._line.clear()
        if line:
            self._lines.append("> " * self._depth + line)
        if blank and self._lines and self._lines[-1]:
            self._lines.append("")
