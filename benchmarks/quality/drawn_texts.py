"""Streams of short texts with known groups, drawn from the words of real reports: nobody wrote them for this."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from math import exp, log
from pathlib import Path
from random import Random

from processors.feedback.grouping.words import plain, sentences_of

Said = tuple[str, str]
"""Text and label."""
TELLING = 60
"""Words that a report needs to be drawn from."""


def texts_of(data: Path) -> list[str]:
    """Titles with descriptions of the public reports."""
    found = []
    with gzip.open(data / "duplicates" / "hadoop_bugs.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        found += [f"{row['Summary']}.\n{row['Description']}" for row in csv.DictReader(lines)]
    for project in ("derby", "wicket"):
        with gzip.open(data / "security" / f"{project}.csv.gz", "rt", encoding="utf-8", newline="") as lines:
            found += [row["summary"] for row in csv.DictReader(lines)]
    return found


def titles(
    texts: Sequence[str], seed: int, *, groups: int, sizes: tuple[int, int], words: int, bursts: bool
) -> list[Said]:
    """Titles of some words drawn from one report each; sizes of groups spread evenly in their logarithm.

    With ``bursts`` a group is spoken of for a twelfth of the time, else all the time.
    """
    some = Random(seed)
    bags = [
        bag for text in texts if len(bag := [word for word in plain(text, 4_000).split() if word.isalpha()]) >= TELLING
    ]
    drawn: list[tuple[float, str, str]] = []
    for name, bag in enumerate(some.sample(bags, groups)):
        begins = some.random()
        for _ in range(round(exp(some.uniform(*map(log, sizes))))):
            said = " ".join(some.choice(bag) for _ in range(max(3, round(some.gauss(words, 2)))))
            drawn.append((begins + some.random() / 12 if bursts else some.random(), said, str(name)))
    return [(said, label) for _, said, label in sorted(drawn)]


def sentences(texts: Sequence[str], seed: int, *, groups: int) -> list[Said]:
    """The sentences of some reports, mixed."""
    some = Random(seed)
    long = [
        found for text in texts if 6 <= len(found := [s for s in sentences_of(plain(text, 4_000)) if len(s) > 30]) <= 40
    ]
    mixed = [(said, str(name)) for name, found in enumerate(some.sample(long, groups)) for said in found]
    some.shuffle(mixed)
    return mixed
