"""What comes after somebody has written: the same mail twice, handed on, asked again, and answers of machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, Literal

import orjson

from producers.simulate.people import letters
from producers.simulate.people.compose import moment
from producers.simulate.people.person import Person
from producers.simulate.people.said import Said

Follow = Literal["twice", "forwarded", "nudge"]
CHANCES: Mapping[Follow, float] = {"twice": 0.05, "forwarded": 0.03, "nudge": 0.05}
"""Of every letter and ticket; nobody measured it, it is enough to be met in a hundred."""
LATER_S: Mapping[Follow, tuple[float, float]] = {
    "twice": (30, 3_600),
    "forwarded": (900, 7_200),
    "nudge": (3_600, 21_600),
}
"""Between what is written first and what follows."""
WRITTEN = ("email", "ticket")
Piece = dict[str, Any]


def follow_ups(first: Said, who: Person, name: Callable[[], str], random: Random) -> Iterator[Said]:
    """What follows a letter or ticket, if anything; every piece gets its own id by ``name``."""
    piece: Piece = orjson.loads(first.raw)
    if piece["channel"] not in WRITTEN or first.truth["automatic"]:
        return
    for follow, chance in CHANCES.items():
        if random.random() >= chance:
            continue
        at_ms = first.at_ms + int(1000 * random.uniform(*LATER_S[follow]))
        again: Piece = {**piece, "id": name(), "occurred_at": moment(at_ms), "received_at": moment(at_ms + 500)}
        again["source"] = {**piece["source"], "id": again["id"]}
        truth = {**first.truth, "id": again["id"]}
        if follow == "twice":
            truth["duplicate_of"] = piece["id"]
        elif follow == "forwarded":
            truth["duplicate_of"] = piece["id"]
            _hand_on(again, truth, who)
        else:
            _ask(again, truth, piece["id"], who, random)
        yield Said(at_ms, orjson.dumps(again), truth)


def _hand_on(again: Piece, truth: Piece, who: Person) -> None:
    """Somebody else sends it, so nothing but the words ties it to the call."""
    again["title"], again["text"] = letters.forwarded(again["title"], again["text"], who)
    again["channel"] = "email"
    again["source"]["system"] = "example-email"
    for field in ("trace", "session", "context"):
        again.pop(field, None)
    again["reporter"] = {"pseudonym": f"colleague-of-{who.pseudonym}"}
    truth["by"] = "none" if truth["call"] is None else "anonymous"


def _ask(again: Piece, truth: Piece, first: str, who: Person, random: Random) -> None:
    """The same person asks how it goes; a mail program quotes what was written first, and loses all else."""
    again["title"], again["text"] = f"Re: {again['title']}", letters.nudge(again["text"], who, random)
    again["thread"] = first
    for field in ("trace", "session", "context", "rating"):
        again.pop(field, None)
    if truth["call"] is not None:
        truth["by"] = "user" if again.get("reporter", {}).get("pseudonym") else "anonymous"
