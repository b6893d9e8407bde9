"""Reports for the tests of grouping, and what a restart makes of a state."""

from __future__ import annotations

from random import Random
from typing import Any

from processors.feedback.grouping.grouper import Grouper
from processors.feedback.grouping.report import Report
from processors.feedback.grouping.stored import TABLES
from processors.runtime.tables import State

START = 1_780_000_000
PROJECT = "acme/shop"
TEXTS = (
    "Checkout stops at the last step and the card is refused",
    "The card is refused when I check out, the payment fails",
    "Monthly report shows wrong totals for the warehouse in Graz",
    "Totals of the monthly report are wrong, warehouse Graz",
    "Uploading a photo of the receipt stops at ninety percent",
    "The receipt photo upload hangs at ninety percent",
    "A dark theme for the evening would be lovely",
    "Where do I find the opening hours of the Linz branch?",
    "Search for garden hose lists kettles only",
    "Die Zahlung mit Kreditkarte schlägt fehl",
)


def report(name: int | str, text: str, **more: Any) -> Report:
    at = START + 60 * name if isinstance(name, int) else START
    return Report(**{"project": PROJECT, "id": str(name), "at": at, "text": text, **more})


def stream(seed: int, count: int) -> list[Report]:
    """Varied reports: words dropped and swapped, some with a title, a route, a reporter."""
    some = Random(seed)
    made = []
    for number in range(count):
        words = some.choice(TEXTS).split()
        for _ in range(some.randrange(3)):
            words.insert(some.randrange(len(words)), words.pop(some.randrange(len(words))))
        if some.random() < 0.3:
            words.append(f"word{some.randrange(count)}")
        context = {
            "route": some.choice((None, "/pay", "/reports")),
            "reporter": some.choice((None, "a", "b", "c")),
            "title": some.choice(("", "Help", "Not working")),
            "project": some.choice((PROJECT, "acme/erp")),
        }
        made.append(report(number, " ".join(words), **context))
    return made


def restarted(state: State, entries: dict[bytes, bytes]) -> State:
    """A state read back from what was written, ``entries`` being what had been written before."""
    for key, value in state.take_changes():
        if value is None:
            entries.pop(key, None)
        else:
            entries[key] = value
    again = State(TABLES)
    for key in sorted(entries, key=lambda key: key[::-1]):  # any order will do
        again.restore(key, entries[key])
    return again


def grouper(state: State | None = None, *, reports: int = 50_000, groups: int = 2_000) -> Grouper:
    return Grouper(state or State(TABLES), reports=reports, groups=groups)
