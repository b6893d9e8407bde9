"""What a report in doubt is about, supposed by what a project complains of at the time.

"My account shows an error" may be about logging in or about orders. Where a dozen others could not log in lately it
most likely is about that: Bayes, with the latest reports as what is to be expected.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from processors.feedback.grouping.subjects import NO_TROUBLE, STRONG, About, points_of

LATELY = 200
"""Latest reports of a partition among which a subject is counted, as far as the index remembers it (32 of them)."""
LEAST = 0.06
"""Share of these from which a subject is talked about: a dozen reports."""
CLEAR = 0.60
"""Share of the evidence that a subject needs to be supposed; a point of words counts e times as much."""


def supposed(found: About, talked_of: Callable[[str], float], is_common: Callable[[str], bool]) -> str:
    """The subject that a doubtful report is likely about; empty where nothing is talked about that it names.

    A word that speaks for a subject only beside others counts unless it is common in the project: there it speaks for
    nothing.
    """
    if found.subject == NO_TROUBLE:
        return ""
    points = points_of(clue for clue in found.clues if clue.points >= STRONG or not is_common(clue.word))
    weights = {subject: exp(count) * talked_of(subject) for subject, count in points.items()}
    best = max(weights, key=lambda subject: (weights[subject], subject), default="")
    if not best or talked_of(best) < LEAST or weights[best] < CLEAR * sum(weights.values()):
        return ""
    return best
