"""Words as numbers: hashed words and pairs of words, hashed pieces of three to five letters, and how it begins.

Three blocks, each of length one before it is weighed: so a long log does not drown the title, and a word in two
spellings counts nearly twice. Hashing needs no vocabulary, which keeps models small and texts of any language welcome
(Weinberger et al., Feature Hashing for Large Scale Multitask Learning, ICML 2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from processors.feedback.category.words import Words

WORD_BITS, PIECE_BITS, HEAD_BITS = 16, 17, 15
WORDS, PIECES, HEADS = 1 << WORD_BITS, 1 << PIECE_BITS, 1 << HEAD_BITS
SIZE = WORDS + PIECES + HEADS
"""How many features there are: words and pairs, pieces, and words and pairs of the beginning."""
WORD_WEIGHT, PIECE_WEIGHT, HEAD_WEIGHT = 0.6, 0.6, 0.53
"""About alike: their squares add up to one."""
TITLE_COUNTS = 2.0
"""A word of the title counts as much as two of the text."""
HEAD_WORDS = 14
"""Where there is no title, so many first words stand for it."""
PIECE_CHARS = 1_500
"""Characters whose pieces are looked at; later ones add little."""
_PAIR = 0x9E3779B1
_LETTERS = np.array([0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F, 0x165667B1, 0x9E3779B1], np.uint32)
"""Odd multipliers of well-known hashes, for one letter of a piece each."""
PIECE_LENGTHS = (3, 4, 5)

Indexes = NDArray[np.int32]
Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Features:
    """Which features a text has, ascending, and how much of each; together of length one at most."""

    indexes: Indexes
    values: Values


@dataclass(frozen=True, slots=True)
class Places:
    """For every occurrence of a feature, its index and the word it begins at: to say which words decided."""

    indexes: NDArray[np.int64]
    words: NDArray[np.int64]


def features_of(words: Words) -> Features:
    """The features of a text."""
    hashes = _hashes(words)
    lengths = np.ones(len(hashes), np.float64)
    lengths[: words.title] = TITLE_COUNTS
    blocks = [
        _block(*_words_and_pairs(hashes, lengths, WORDS), 0, WORD_WEIGHT),
        _block(*_pieces(words, lengths)[:2], WORDS, PIECE_WEIGHT),
        _block(*_words_and_pairs(*_head(words, hashes), HEADS), WORDS + PIECES, HEAD_WEIGHT),
    ]
    return Features(np.concatenate([b[0] for b in blocks]), np.concatenate([b[1] for b in blocks]))


def places_of(words: Words) -> Places:
    """Where the features of a text come from; a pair belongs to both of its words."""
    hashes = _hashes(words)
    at = np.arange(len(hashes))
    singles, pairs = _reduce(hashes, WORDS), _reduce(_pairs(hashes), WORDS)
    pieces, _, owners = _pieces(words, np.ones(len(hashes)))
    head = _head(words, hashes)[0]
    heads, head_pairs = _reduce(head, HEADS), _reduce(_pairs(head), HEADS)
    start = WORDS + PIECES
    return Places(
        np.concatenate(
            [singles, pairs, pairs, pieces + WORDS, heads + start, head_pairs + start, head_pairs + start]
        ).astype(np.int64),
        np.concatenate(
            [at, at[:-1], at[1:], owners, at[: len(head)], at[: len(head_pairs)], at[1 : len(head_pairs) + 1]]
        ).astype(np.int64),
    )


def _hashes(words: Words) -> NDArray[np.uint32]:
    return np.fromiter((crc32(word.encode()) for word in words.words), np.uint32, len(words.words))


def _head(words: Words, hashes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    """The words of the title, or the first ones of the text."""
    count = words.title or min(HEAD_WORDS, len(hashes))
    return hashes[:count], np.ones(count)


def _pairs(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return hashes[:-1] * np.uint32(_PAIR) + hashes[1:] * np.uint32(3) + np.uint32(1)


def _words_and_pairs(
    hashes: NDArray[np.uint32], counts: NDArray[np.float64], size: int
) -> tuple[NDArray[np.uint32], NDArray[np.float64]]:
    found = np.concatenate([hashes, _pairs(hashes)])
    return _reduce(found, size), np.concatenate([counts, np.minimum(counts[:-1], counts[1:])])


def _pieces(
    words: Words, counts: NDArray[np.float64]
) -> tuple[NDArray[np.uint32], NDArray[np.float64], NDArray[np.int64]]:
    """Pieces of words, the blank before and after included; their counts, and the words they are of."""
    spelled = " " + " ".join(words.words) + " "
    lengths = np.fromiter((len(word) + 1 for word in words.words), np.int64, len(words.words))
    owners = np.repeat(np.arange(len(lengths)), lengths)[:PIECE_CHARS]
    letters = np.frombuffer(spelled[: len(owners) + 1].encode("utf-32-le", "replace"), np.uint32)
    blank = (letters == ord(" ")).astype(np.int8)
    found, of = [], []
    for length in PIECE_LENGTHS:
        count = len(letters) - length + 1
        if count <= 0:
            continue
        inside = np.zeros(count, np.int8)
        sums = np.full(count, length * 0x61C88647 & 0xFFFFFFFF, np.uint32)
        for place in range(length):
            sums += letters[place : place + count] * _LETTERS[place]
            if 0 < place < length - 1:
                inside |= blank[place : place + count]
        whole = inside == 0
        found.append(sums[whole])
        of.append(owners[:count][whole])
    if not found:
        return np.zeros(0, np.uint32), np.zeros(0), np.zeros(0, np.int64)
    owner = np.concatenate(of)
    return _reduce(np.concatenate(found), PIECES), counts[owner], owner


def _reduce(hashes: NDArray[np.uint32], size: int) -> NDArray[np.uint32]:
    """Spread hashes over ``size`` places, a power of two (the finaliser of MurmurHash3)."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    return mixed & np.uint32(size - 1)


def _block(
    indexes: NDArray[np.uint32], counts: NDArray[np.float64], start: int, weight: float
) -> tuple[Indexes, Values]:
    """One block: repeats count less and less, and its length is ``weight``."""
    found, back = np.unique(indexes, return_inverse=True)
    values = 1 + np.log(np.maximum(np.bincount(back, counts, len(found)), 1))
    length = float(np.sqrt((values * values).sum())) or 1.0
    return (found.astype(np.int32) + np.int32(start)), (values * (weight / length)).astype(np.float32)
