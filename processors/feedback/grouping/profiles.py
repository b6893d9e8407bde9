"""The words of groups, and how much likelier a group makes the words of a report than chance does.

A group is a multinomial over words with a Dirichlet prior that is itself learnt: a word is expected of a new group as
often as groups of this project have it, once each however many of their reports do (the view of the hierarchical
Dirichlet process in which a group is a table: Teh, Jordan, Beal, Blei 2006). With the multinomial integrated out this
is the mixture of GSDMM and MStream (Yin, Wang 2014; Yin et al. 2018), which expect every word equally; here a word that
all groups share says little, whatever its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import lgamma, log

STRENGTH = 10.0
"""Words that the prior of a group weighs as much as: about one report's."""
UNSEEN, VOCABULARY = 1_000.0, 10_000
"""Words of no group that are expected besides those seen, and over how many different ones they spread."""
FEW, COMMON = 2, 0.02
"""Groups, and share of groups, beyond which a word is common in a project."""

Counts = Mapping[int, int]


class Profiles:
    """Word counts of the groups of a project, and in how many groups each word is."""

    def __init__(self) -> None:
        self._counts: dict[str, dict[int, int]] = {}
        self._sizes: dict[str, int] = {}
        self._holders: dict[int, int] = {}
        self._held = 0

    def __contains__(self, group: str) -> bool:
        return group in self._counts

    def counts(self, group: str) -> Counts:
        """Words of a group by hash; empty for one that is not kept."""
        return self._counts.get(group, {})

    def open(self, group: str) -> None:
        """Begin a group without words."""
        self._counts.setdefault(group, {})
        self._sizes.setdefault(group, 0)

    def add(self, group: str, terms: Iterable[int]) -> None:
        """Count the words of one more report of a group."""
        counts = self._counts[group]
        for term in terms:
            known = counts.get(term, 0)
            if not known:
                self._holders[term] = self._holders.get(term, 0) + 1
                self._held += 1
            counts[term] = known + 1
            self._sizes[group] += 1

    def remove(self, group: str, terms: Iterable[int]) -> None:
        """Count the words of one report less."""
        counts = self._counts[group]
        for term in terms:
            counts[term] -= 1
            self._sizes[group] -= 1
            if not counts[term]:
                del counts[term]
                self._let_go(term)

    def drop(self, group: str) -> None:
        """Forget a group."""
        for term in self._counts.pop(group, {}):
            self._let_go(term)
        self._sizes.pop(group, None)

    def expected(self, term: int) -> float:
        """How often a word is expected of a group nothing is known of."""
        return (self._holders.get(term, 0) + UNSEEN / VOCABULARY) / (self._held + UNSEEN)

    def is_common(self, term: int) -> bool:
        """Whether a word is in more than a few groups."""
        return self._holders.get(term, 0) > max(FEW, COMMON * len(self._counts))

    def evidence(self, counts: Counts, size: int, terms: Iterable[int]) -> float:
        """Log-odds of words, each once, to come from a group with such counts rather than from a new one."""
        found, asked = 0.0, 0
        for term in terms:
            asked += 1
            known = counts.get(term)
            if known:
                prior = STRENGTH * self.expected(term)
                found += log((known + prior) / prior)
        wide = lgamma(size + STRENGTH + asked) - lgamma(size + STRENGTH)
        return found - wide + lgamma(STRENGTH + asked) - lgamma(STRENGTH)

    def size(self, group: str) -> int:
        """Words counted in a group."""
        return self._sizes.get(group, 0)

    def _let_go(self, term: int) -> None:
        self._held -= 1
        self._holders[term] -= 1
        if not self._holders[term]:
            del self._holders[term]
