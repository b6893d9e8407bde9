"""Feedback that was sent twice: by its id, or by the same words of the same person within ten minutes."""

from __future__ import annotations

import orjson

from contracts.cloudevents import derived_id
from contracts.feedback import Feedback
from processors.runtime.stage import Skipped
from processors.runtime.tables import State, TableSpec

SAME_TEXT_S = 600
"""The same words by the same reporter within ten minutes are one press of the button too many."""
TAKEN: TableSpec[bool] = TableSpec("feedback_taken", encode=orjson.dumps, decode=orjson.loads, capacity=200_000)
"""Ids of the last pieces of feedback, and digests of their words; what makes room is counted as evicted."""


class Repeats:
    """What one partition's projects have had."""

    def __init__(self, state: State) -> None:
        self._taken = state[TAKEN]

    def refuse(self, project: str, feedback: Feedback) -> None:
        """Raise `Skipped` for what was taken before."""
        if f"{project}|{feedback.id}" in self._taken:
            raise Skipped("repeat")
        words = _words(project, feedback)
        if words is not None and words in self._taken:
            raise Skipped("repeat_text")

    def take(self, project: str, feedback: Feedback) -> None:
        """Remember it."""
        for key in (f"{project}|{feedback.id}", _words(project, feedback)):
            if key is not None:
                self._taken[key] = True


def _words(project: str, feedback: Feedback) -> str | None:
    reporter = feedback.reporter.pseudonym or feedback.reporter.contact_ref
    if not reporter:
        return None
    moment = int(feedback.occurred_at.timestamp()) // SAME_TEXT_S
    words = " ".join(f"{feedback.title or ''} {feedback.text}".casefold().split())
    return derived_id(project, reporter, feedback.channel, moment, words)
