"""From somebody who wants to say something to a piece of feedback in the contract's JSON."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, get_args

import orjson

from contracts.feedback import Channel
from producers.simulate.browsers import Agent
from producers.simulate.people import letters
from producers.simulate.people.channels import WAYS, By
from producers.simulate.people.experience import Experience
from producers.simulate.people.grammar import spoken
from producers.simulate.people.manner import in_the_mood, typed
from producers.simulate.people.person import Person, mood
from producers.simulate.people.said import CATEGORY_OF, Said, truth_of
from producers.simulate.people.spoken_times import Told, moment_at, told
from producers.simulate.people.wordings.tongue import Kind, Topic
from producers.simulate.people.wordings.tongues import TONGUES, wordings

QUIET: tuple[Topic, ...] = ("spam", "automatic")
"""Nobody is in a mood there."""
FAILURES: tuple[Topic, ...] = get_args(Kind)
"""Of what has failed somebody may say when it was."""
TELLS_WHEN = re.compile(r"\{(?:clock|part|waited)\}")
PLEASED: tuple[Topic, ...] = ("praise", "question", "feature")
EXTRA_SHARE = 0.6
"""Who gives a trace often gives the session and the name, too."""
SCALES = {"stars": (1, 5), "csat": (1, 5), "ces": (1, 7), "nps": (0, 10)}
RECEIVED_MS = 2_000


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants to say something: who, on which channel, about what, with which wording (a number)."""

    name: str
    who: Person
    channel: Channel
    topic: Topic
    wording: int
    at_ms: int
    by: By = "none"
    problem: str | None = None
    seen: Experience | None = None
    about_call: bool = False


def compose(wish: Wish, random: Random) -> Said:
    """Write it down, with dice of its own: who writes next does not depend on how long this gets."""
    random = Random(f"{wish.name}/{random.random()}")
    who, seen = wish.who, wish.seen
    choices = wordings(who.language, wish.topic)
    wording = wish.wording % len(choices)
    when = _told(wish)
    title, text = spoken(choices[wording], random, _slots(wish, when, random))
    if when.sentence and wish.seen and wish.topic in FAILURES and not TELLS_WHEN.search(choices[wording]):
        text = f"{text} {when.sentence}"
    if wish.topic not in QUIET:
        feels = mood(random, in_trouble=wish.topic not in PLEASED)
        title, text = typed(title, who, random), typed(in_the_mood(text, who, feels, random), who, random)
        heading, text = letters.dressed(wish.channel, title, text, who, random)
    else:
        heading = title if WAYS[wish.channel].titled else None
    way, at = WAYS[wish.channel], moment(wish.at_ms)
    piece: dict[str, Any] = {
        "id": wish.name,
        "occurred_at": at,
        "received_at": moment(wish.at_ms + random.randrange(RECEIVED_MS)),
        "channel": wish.channel,
        "source": {"system": f"example-{wish.channel.replace('_', '-')}", "id": wish.name},
        "text": text,
        "title": heading,
        "language": who.language if random.random() < way.context / 2 else None,
        "rating": _rating(wish.topic, random) if random.random() < way.rated else None,
        "context": _context(seen, who, way.context, random) if wish.topic not in QUIET else {},
        **_references(wish, random),
    }
    call = seen.call if seen is not None and wish.about_call else None
    truth = truth_of(wish.name, wish.topic, wording, who.language, problem=wish.problem, call=call, by=wish.by)
    return Said(wish.at_ms, orjson.dumps({key: value for key, value in piece.items() if value}), truth)


def _told(wish: Wish) -> Told:
    """When it was, in the writer's words."""
    random = Random(f"when/{wish.name}")
    happened_ms = wish.seen.at_ms if wish.seen else wish.at_ms - 1000 * random.randrange(60, 5_400)
    return told(wish.who, happened_ms, wish.at_ms, random)


def _slots(wish: Wish, when: Told, random: Random) -> Mapping[str, str]:
    tongue, seen = TONGUES[wish.who.language], wish.seen
    agent = seen.agent if seen else None
    word = seen.word if seen else random.choice(tuple(tongue.screens))
    later = moment_at(wish.at_ms / 1000 + random.randrange(60, 5_400), when.east)
    return {
        "minutes": str(random.randrange(2, 40)),
        "count": str(random.randrange(2, 10)),
        "size": str(random.randrange(1, 40)),
        "thing": random.choice(tongue.things),
        "screen": tongue.screens.get(word) or tongue.screens["home"],
        "device": agent.device if agent else random.choice(("PC", "iPhone", "Mac")),
        "browser": agent.label if agent else random.choice(("Chrome", "Firefox", "Safari")),
        "amount": f"{random.randrange(9, 400)},{random.randrange(100):02d} €",
        "order": f"A-{random.randrange(10_000, 99_999)}",
        "clock": when.clock,
        "part": when.part,
        "waited": when.waited,
        "later": f"{later:%H:%M}",
    }


def _references(wish: Wish, random: Random) -> dict[str, Any]:
    """What ties it to a call; of what is stronger than ``by`` there is nothing, of what is weaker maybe."""
    seen, who = wish.seen, wish.who
    said: dict[str, Any] = {"reporter": {"pseudonym": who.pseudonym}}
    if wish.by == "anonymous":
        # who is not signed in may still give an address, which no call knows
        address = f"w{zlib.crc32(who.pseudonym.encode()):08x}@example.com"
        return {"reporter": {"contact_ref": address}} if random.random() < EXTRA_SHARE else {}
    if seen is None or wish.by == "user":
        return said
    if wish.by == "trace":
        traced = seen.trace_id is not None and (seen.request_id is None or random.random() < EXTRA_SHARE)
        said["trace"] = {"trace_id": seen.trace_id} if traced else {"request_id": seen.request_id}
    if seen.session and (wish.by == "session" or random.random() < EXTRA_SHARE):
        said["session"] = seen.session
    if seen.user is None or (wish.by != "none" and random.random() > EXTRA_SHARE):
        del said["reporter"]
    return said


def _context(seen: Experience | None, who: Person, known: float, random: Random) -> dict[str, str]:
    """Where the writer was; each thing is known with the chance that the channel has."""
    agent: Agent | None = seen.agent if seen else None
    values = seen.values if seen else {}
    whole = {
        "screen": seen.word if seen else "",
        "route": values.get("route", ""),
        "release": values.get("release", ""),
        "browser": agent.label if agent else "",
        "os": agent.os if agent else "",
        "device": agent.device if agent else "",
        "locale": f"{who.language}-{who.country}" if who.country else who.language,
    }
    return {name: value for name, value in whole.items() if value and random.random() < known}


def _rating(topic: Topic, random: Random) -> dict[str, Any]:
    scale = random.choice(tuple(SCALES))
    low, high = SCALES[scale]
    good = topic in PLEASED
    part = random.betavariate(6, 2) if good else random.betavariate(1.2, 4 if topic in CATEGORY_OF else 6)
    return {"scale": scale, "value": round(low + part * (high - low))}


def moment(at_ms: int) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()
