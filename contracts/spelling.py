"""One spelling for what looks alike, so that a shape is found whatever letters it is written in."""

from __future__ import annotations

import re
from unicodedata import is_normalized, normalize

_INVISIBLE_RANGES = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180E),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xE0000, 0xE01EF),
)  # fmt: skip
"""Zero width, direction controls, variation selectors, tags: Unicode's Default_Ignorable_Code_Point and annotations."""
_COMPATIBLE_RANGES = ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x1D400, 0x1D7FF), (0x24B6, 0x24E9))
"""Full-width, mathematical and circled letters; circled digits number lists and stay."""
_SIGNS = {
    "\uff20": "@", "\ufe6b": "@", "\uff0e": ".", "\u2024": ".", "\ufe52": ".", "\uff3f": "_", "\uff0b": "+",
    "\ufe62": "+", "\uff0d": "-", "\ufe63": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2212": "-",
    "\uff0f": "/", "\uff1d": "=",
}  # fmt: skip
_SPACES = dict.fromkeys((160, 5760, *range(8192, 8203), 8239, 8287, 12288), " ")
_LINES = dict.fromkeys((0x0085, 0x2028, 0x2029), "\n")


def _plain_letters() -> dict[int, str]:
    found = {}
    for first, last in _COMPATIBLE_RANGES:
        for code in range(first, last + 1):
            plain = normalize("NFKC", chr(code))
            if len(plain) == 1 and plain.isascii():
                found[code] = plain
    return found


_SPELLED: dict[int, str | None] = {
    **{code: None for first, last in _INVISIBLE_RANGES for code in range(first, last + 1)},
    **_plain_letters(),
    **{ord(sign): plain for sign, plain in _SIGNS.items()},
    **_SPACES,
    **_LINES,
}
_FOREIGN = "аеорсухѕіјԁԛԝһӏкАВЕКМНОРСТУХЅІЈԚԜοανικρυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧɑɡ"
_LATIN = "aeopcyxsijdqwhlkABEKMHOPCTYXSIJQWoavikpuxABEZHIKMNOPTYXag"
_LOOK_ALIKE = str.maketrans(_FOREIGN, _LATIN)
"""Letters of other alphabets that no eye tells from Latin ones, chosen from Unicode TR 39's idea of confusables."""
_HOLDS_LOOK_ALIKE = re.compile(f"[{_FOREIGN}]")
_WORD = re.compile(r"\w+")
_LATIN_LETTER = re.compile(r"[A-Za-z]")
_OTHER = re.compile(rf"[^A-Za-z0-9_{_FOREIGN}]")


def legible(text: str) -> str:
    """Remove what cannot be seen; write letters, signs and spaces that look alike as the plain ones.

    Words of one alphabet stay as they are. One that mixes Latin letters with their doubles is written in Latin.
    """
    if text.isascii():
        return text
    if not is_normalized("NFC", text):
        text = normalize("NFC", text)
    text = text.translate(_SPELLED)
    return _WORD.sub(_in_one_alphabet, text) if _HOLDS_LOOK_ALIKE.search(text) else text


def _in_one_alphabet(found: re.Match[str]) -> str:
    word = found.group()
    if word.isascii() or not _LATIN_LETTER.search(word) or _OTHER.search(word):
        return word
    return word.translate(_LOOK_ALIKE)
