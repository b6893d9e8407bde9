"""What a report is compared by: its words with their weights, and the letters it begins with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from processors.feedback.grouping.words import MAX_TEXT_CHARS, MAX_TITLE_CHARS, plain, words_of

TITLE_WEIGHT = 3
"""A word of the title counts as three: it was chosen to say what it is about."""
MAX_TERMS = 128
"""Different words that are kept of a report, in the order of the text; one in six bug reports has more."""
MAX_COUNT = 15
MAX_LETTERS = 400
"""Bytes of the beginning that are compared by letters."""
KEY_BYTES = 12

Terms = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Features:
    """``packed`` holds words as 32-bit hashes in ascending order, then how often each occurs as bytes.

    ``key`` is equal for texts that differ in case, punctuation and spacing only; ``letters`` is the beginning in UTF-8.
    """

    key: bytes
    packed: bytes
    letters: bytes

    @property
    def terms(self) -> Terms:
        """Hashes of the words, ascending."""
        return np.frombuffer(self.packed, np.uint32, len(self.packed) // 5)

    @property
    def counts(self) -> NDArray[np.uint8]:
        """How often each word occurs, those of the title thrice."""
        return np.frombuffer(self.packed, np.uint8, offset=len(self.packed) // 5 * 4)


def features_of(title: str, text: str) -> Features:
    """Read a report; linear in its length, and only its beginning is read."""
    heading, body = plain(title, MAX_TITLE_CHARS), plain(text, MAX_TEXT_CHARS)
    counts: Counter[int] = Counter()
    for said, weight in ((heading, TITLE_WEIGHT), (body, 1)):
        for word in words_of(said):
            term = term_of(word)
            if term in counts or len(counts) < MAX_TERMS:
                counts[term] += weight
    terms = sorted(counts)
    packed = np.array(terms, np.uint32).tobytes() + bytes(min(MAX_COUNT, counts[term]) for term in terms)
    folded = " ".join(f"{heading} {body}".casefold().split())
    return Features(_key(title, text), packed, folded.encode("utf-8", "replace")[:MAX_LETTERS])


def term_of(word: str) -> int:
    """The hash of a word, the same in every process; of 200,000 words five share theirs with another."""
    return crc32(word.encode("utf-8", "surrogatepass"))


def _key(title: str, text: str) -> bytes:
    """Of everything that was written, not only of what is compared: a long report is not the same for its beginning."""
    said = plain(f"{title}\n{text}", len(title) + len(text) + 1)
    letters = "".join(c for c in said.casefold() if c.isalnum())
    if not letters:
        letters = "".join(said.split())
    return blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()
