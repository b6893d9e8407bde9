"""The categories, in the order of a model's columns, and how other people's labels stand to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

CATEGORIES = (
    "functional_bug",
    "performance",
    "usability",
    "feature_request",
    "security",
    "praise",
    "question",
    "other",
)
LANGUAGES = ("en", "de", "fr", "es", "pt", "zh")
"""Those with examples and words of their own."""
COARSE = ("bug", "feature", "other")
REST = "other"
"""The label of a public set that takes every category which no other label of that set takes."""
STANDS_FOR: Mapping[str, tuple[str, ...]] = {
    **{name: (name,) for name in CATEGORIES if name != REST},
    **dict.fromkeys(("bug", "bug report", "problem report"), ("functional_bug", "performance", "security")),
    **dict.fromkeys(("feature", "feature request", "enhancement"), ("feature_request",)),
    **dict.fromkeys(("inquiry",), ("question", "feature_request")),
    **dict.fromkeys(("user experience",), ("usability", "praise")),
    REST: (),
}
"""Labels of public sets as categories. Whoever finds something ugly or hard to use reports neither a fault nor a wish:
sets of bug, feature and other mostly call that other."""


def plain_label(label: str) -> str:
    """A label as `STANDS_FOR` spells it."""
    spelled = label.strip().casefold()
    return spelled if spelled in STANDS_FOR else spelled.replace("_", " ").replace("-", " ")


def coarse_of(label: str) -> str | None:
    """Bug, feature or other for a label of somebody else, or None for one that is not known."""
    taken = STANDS_FOR.get(plain_label(label))
    if taken is None:
        return None
    return next((name for name in COARSE[:2] if set(taken) & set(STANDS_FOR[name])), REST)


def summing(labels: Iterable[str]) -> NDArray[np.float64] | None:
    """What turns probabilities of categories into those of a set's labels; None if one of them is not known.

    A category that two labels claim goes to the first, and one that none claims to the rest where there is one.
    """
    names = [plain_label(label) for label in labels]
    if not all(name in STANDS_FOR for name in names):
        return None
    sums = np.zeros((len(CATEGORIES), len(names)))
    for row, category in zip(sums, CATEGORIES, strict=True):
        taker = next((n for n, name in enumerate(names) if category in STANDS_FOR[name]), None)
        if taker is None and REST in names:
            taker = names.index(REST)
        if taker is not None:
            row[taker] = 1
    return sums
