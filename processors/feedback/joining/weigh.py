"""How many points each piece of evidence is worth, in nats of log-odds that a call is the one complained of.

Chosen on the simulator's planted links (`benchmarks/quality/joining.py`) from guesses of such a size on, see
`docs/decisions/0016-joining.md`; one point more makes a call e times as likely.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from processors.feedback.joining.clients import Clients
from processors.feedback.joining.complaint import Heard
from processors.feedback.joining.lexicon import CONCEPTS, NEGATED, PRAISE, QUESTION, SLOW, TONES, TROUBLE, WISH
from processors.feedback.joining.links import By
from processors.feedback.joining.pattern import LONG
from processors.feedback.joining.patterns import Patterns

Floats = npt.NDArray[np.float64]
SAME: Mapping[By, float] = {"trace": 6.0, "request": 6.0, "session": 2.5, "user": 2.0, "anonymous": 0.0}
"""Not more for a session: of those who complain of something else, one in ten had a call that failed not long ago."""
OTHER: Mapping[By, float] = {"trace": -0.5, "request": 0.0, "session": -3.0, "user": -4.0, "anonymous": 0.0}
"""Another session may be the same person's; another person is another one, unless two share a device."""
UNSEEN = 0.2
"""Part of it where no call at all has the complaint's key: then it may be a name that only the help desk knows."""
OTHER_PART = (-3.0, -3.0, -2.0, -2.0, -1.5)
"""For another browser, system, device, country and release, before `clients_fit` compares with how common they are."""
NO_PART, TOLD_OTHER = -0.7, -0.5
"""For a part that the call does not have, and for one that only the text speaks of, as "works on my laptop" does."""
COUNTRY = 3
"""The part of a client that the language tells something of, where the country is not known."""
SPOKEN_AT_HOME: Mapping[str, tuple[str, ...]] = {
    "de": ("DE", "AT", "CH", "LI", "LU"),
    "fr": ("FR", "BE", "CH", "CA", "LU", "MC"),
    "es": ("ES", "MX", "AR", "CO", "CL", "PE"),
    "pt": ("PT", "BR", "AO", "MZ"),
    "zh": ("CN", "TW", "HK", "SG", "MO"),
}
"""English is written everywhere."""
OTHER_HOME = -1.0
"""For a call from a country where another language than the complaint's is spoken."""
MOST_CLIENT = 4.0
TIED_CLIENT = 0.3
"""Part of it for a call that is tied, and only against it: the same person has the same browser anyway."""
NAMED_LATE = -2.0
"""Points for the time, at the least, of a call that is named itself: it is meant, however late the words come."""
SAME_ROUTE, OTHER_ROUTE = 3.0, -2.0
COMMON = 0.3
"""Rarity, in nats, that a word must have before it is worth anything."""
WORD, PLACE = 1.0, 0.7
"""Points for each nat of rarity of a word that pattern and text share, and pattern and page or journey."""
ASIDE = 0.4
"""Part of it where the word is the upstream's or the error's, which people do not see."""
UNSHARED = -1.2
"""For each word that says what a complaint is about and that a pattern has not, `MOST_UNSHARED` of them at most."""
MOST_UNSHARED = 2
NAMED = 0.3
"""Part of it where the complaint names the route itself: then it may be called what it likes."""
MOST_WORDS = 5.0
KIND, OTHER_KIND = 1.0, -1.5
"""Slow calls for who says slow; and slow calls for who says broken, or the other way round."""
ENDING: Floats = np.array([0.0, 2.0, 0.7, 0.0])
"""By `pattern.ENDS`: not known, failed, refused, took long; the last has points for the slow ratio instead."""
SLOWNESS, MOST_SLOW = 0.8, 2.0
"""Points for each nat of the slow ratio."""
MOST_TONE, LEAST_TONE = 1.0, -3.0
TONE = {TROUBLE: 1.0, SLOW: 1.0, NEGATED: 0.5, WISH: -2.0, PRAISE: -2.0, QUESTION: -1.5}
CALM = -1.5
"""For a text in a language whose words are known here, and without a word of trouble."""
LANGUAGES = frozenset({"en", "de", "fr", "es", "pt", "zh"})
CATEGORY = {
    "functional_bug": 1.2, "performance": 1.5, "usability": -1.5, "feature_request": -2.0, "praise": -2.5,
    "question": -1.5, "security": -0.5, "other": -1.5,
}  # fmt: skip
CLAIMED = -2.0
"""For a call that somebody else complained of already: each call has one person behind it."""
ENOUGH = 1.35
"""Points of all calls together from which there is a match."""


def tone(heard: Heard) -> float:
    """Points for wanting something mended, by the words and, where one is known, the category."""
    said = [TONE[word] for word in heard.words if word in TONE]
    if any(points > 0 for points in said):
        words = min(sum(points for points in said if points > 0), MOST_TONE)
    elif not said and heard.language in LANGUAGES:
        words = CALM
    else:
        words = max(sum(said), LEAST_TONE)
    if heard.category in CATEGORY:
        return CATEGORY[heard.category] + words
    return words


def patterns_fit(project: str, heard: Heard, patterns: Patterns) -> dict[str, Floats]:
    """Points by number of a pattern, for the words, the route, and how its calls end."""
    size = patterns.count(project)
    ends = patterns.ends(project)
    ending, drags = ENDING[ends], np.zeros(size, np.bool_)
    drags[list(patterns.with_word(project, SLOW))] = True
    if SLOW in heard.words or heard.category == "performance":
        ending += np.where(drags, KIND, 0.0 if TROUBLE in heard.words else OTHER_KIND)
    elif TROUBLE in heard.words or heard.category == "functional_bug":
        ending += np.where(ends == LONG, OTHER_KIND, 0.0)
    route = np.zeros(size)
    named = list(patterns.with_route(project, heard.route)) if heard.route else []
    if named:
        route += OTHER_ROUTE
        route[named] = SAME_ROUTE
    return {"words": _words(project, heard, patterns, size, named=bool(named)), "route": route, "ending": ending}


def _words(project: str, heard: Heard, patterns: Patterns, size: int, *, named: bool) -> Floats:
    points, shared, known = np.zeros(size), np.zeros(size), 0.0
    for word, weight in worded(heard, with_place=not named).items():
        having = patterns.with_word(project, word)
        worth = patterns.rarity(project, word) - COMMON
        if having and worth > 0:
            numbers, parts = list(having), np.array(list(having.values()))
            points[numbers] += weight * worth * np.where(parts, 1.0, ASIDE)
            shared[numbers] += parts
        if (having and worth > 0) or word in CONCEPTS:
            known += 1
    missing = np.minimum(known - shared, MOST_UNSHARED)
    fit: Floats = np.minimum(points, MOST_WORDS) + UNSHARED * (NAMED if named else 1.0) * missing
    return fit


def worded(heard: Heard, *, with_place: bool) -> dict[str, float]:
    """Words that say what a complaint is about, and the points of each for a nat of rarity."""
    about = dict.fromkeys(heard.place, PLACE) if with_place else {}
    about.update(dict.fromkeys(heard.words, WORD))
    return {word: weight for word, weight in about.items() if word not in TONES}


def clients_fit(project: str, heard: Heard, clients: Clients) -> Floats:
    """Points by number of a combination of browser, system, device, country and release.

    They say how well it fits against how well the calls of the project fit on average: to have what all have is worth
    nothing. Roots of counts, because in the middle of an incident most calls come from those it hits.
    """
    points = np.zeros(clients.count(project))
    for part, value in enumerate(heard.client):
        if value:
            points += clients.fit(project, part, value, OTHER_PART[part], NO_PART)
        elif part < len(heard.told) and heard.told[part]:
            points += clients.fit(project, part, heard.told[part], TOLD_OTHER, 0.0)
        elif part == COUNTRY and heard.language in SPOKEN_AT_HOME:
            homes = [clients.fit(project, part, home, OTHER_HOME, 0.0) for home in SPOKEN_AT_HOME[heard.language]]
            points += np.max(homes, axis=0)
    common = np.sqrt(clients.calls(project))
    if not common.any():
        return points
    usual = np.log(float((np.exp(points) * common).sum() / common.sum()))
    fit: Floats = np.minimum(points - usual, MOST_CLIENT)
    return fit


def slowness(ratio: Floats) -> Floats:
    """Points for having taken so many times as long as usual."""
    points: Floats = np.clip(SLOWNESS * np.log(np.maximum(ratio, 1.0)), 0.0, MOST_SLOW)
    return points
