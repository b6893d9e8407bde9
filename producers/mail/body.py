"""What a mail says, and what hangs on it: text is taken, attachments are only named."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.message import Message

from contracts.cloudevents import NUL
from contracts.limits import MAX_ATTACHMENTS, MAX_TEXT_CHARS

MAX_PARTS = 500
MAX_DEPTH = 20
NAME_CHARS = 200
_NOT_CHARSETS = frozenset(("idna", "punycode", "unicode_escape", "raw_unicode_escape", "unicode-escape", "undefined"))
"""Codecs of Python that no mail means."""
_WIDER = {
    "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030",
    "gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8", "unicode-1-1-utf-7": "utf-7", "unknown-8bit": "utf-8", "x-unknown": "utf-8",
}  # fmt: skip
"""What programs write under these names, as browsers take it (WHATWG Encoding)."""


@dataclass(frozen=True, slots=True)
class Body:
    """The text, which may be HTML, and a line for each attachment."""

    text: str
    html: bool
    attachments: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_body(message: Message) -> Body:
    """Take the plain text, else the HTML; the mails that are attached are attachments."""
    plain: list[str] = []
    html: list[str] = []
    attached: list[str] = []
    notes: list[str] = []
    pending: list[tuple[Message, int]] = [(message, 0)]
    seen = 0
    while pending:
        part, depth = pending.pop()
        seen += 1
        if seen > MAX_PARTS or depth > MAX_DEPTH:
            notes.append("parts_left_out")
            break
        kind = part.get_content_type()
        inner = part.get_payload()
        if isinstance(inner, list) and kind.startswith("multipart/"):
            pending += [(child, depth + 1) for child in reversed(inner) if isinstance(child, Message)]
        elif kind in {"text/plain", "text/html"} and not _is_attachment(part):
            text, guessed = _text(part)
            notes += ["charset_guessed"] if guessed and "charset_guessed" not in notes else []
            (html if kind == "text/html" else plain).append(text)
        elif len(attached) < MAX_ATTACHMENTS:
            attached.append(_reference(part, kind))
    words = "\n".join(text for text in plain if text.strip())
    is_html = not words.strip() and bool(html)
    if is_html:
        words = slimmed("\n".join(html))
    if len(words) > MAX_TEXT_CHARS:
        notes.append("text_cut")
    return Body(words[:MAX_TEXT_CHARS], is_html, tuple(attached), tuple(notes))


def decoded(data: bytes, charset: str) -> tuple[str, bool]:
    """Text of bytes, and whether the charset that was said did not fit; NULs and halves of pairs are dropped."""
    said = charset.strip().strip("\"'").casefold()
    said = _WIDER.get(said, said)
    guessed = False
    for name in (said, "utf-8", "cp1252"):
        try:
            if name in _NOT_CHARSETS:
                raise LookupError(name)  # noqa: TRY301 - the next one is tried
            text = data.decode(name)
            break
        except (LookupError, UnicodeError, ValueError):
            guessed = True
    else:
        text = data.decode("latin-1")
    return text.replace(NUL, "").encode("utf-8", "replace").decode(), guessed


def slimmed(html: str) -> str:
    """HTML without scripts, styles and comments, which may be most of it; each is looked for once."""
    for begin, end in (("<!--", "-->"), ("<style", "</style>"), ("<script", "</script>"), ("<head", "</head>")):
        html = _without(html, begin, end)
    return html


def _without(html: str, begin: str, end: str) -> str:
    lower = html.lower()
    if len(lower) != len(html):
        return html  # a letter whose small form is longer: the stage cuts it
    kept, at = [], 0
    while (start := lower.find(begin, at)) >= 0:
        stop = lower.find(end, start)
        if stop < 0:
            break
        kept.append(html[at:start])
        at = stop + len(end)
    return "".join((*kept, html[at:]))


def _is_attachment(part: Message) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except (ValueError, LookupError, TypeError, UnicodeError):
        return True


def _text(part: Message) -> tuple[str, bool]:
    data = _bytes(part)
    try:
        charset = part.get_content_charset() or "utf-8"
    except (ValueError, LookupError, TypeError, UnicodeError):
        charset = "utf-8"
    return decoded(data, charset)


def _bytes(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, UnicodeError):
        found = None
    return found if isinstance(found, bytes) else b""


def _reference(part: Message, kind: str) -> str:
    """Name, type, size and digest; nothing of what is in it."""
    try:
        name = str(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, UnicodeError):
        name = ""
    safe = " ".join(name.encode("utf-8", "replace").decode().replace(NUL, "").split()).replace(";", ",")[:NAME_CHARS]
    inner = part.get_payload()
    data = inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else _bytes(part)
    return f"{safe or 'unnamed'}; {kind[:100]}; {len(data)} bytes; sha256={hashlib.sha256(data).hexdigest()}"
