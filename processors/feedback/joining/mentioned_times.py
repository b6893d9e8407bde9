"""When a text says that something happened: "at 14:32", "gegen 14 Uhr", "il y a 10 minutes", "昨天晚上".

What is read are clocks, how long ago, and parts of a day, in six languages; not what is still to come or comes every
day (meetings, deliveries, opening hours), no durations, prices, versions, ids and status codes. A clock without a zone
is that on the writer's wall: `mention.moments` needs to be told how far that is ahead of UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from processors.feedback.joining import time_words as words
from processors.feedback.joining.clocks import DAYS, HOUR_S, Place, clocks_in, is_planned, stamps_in
from processors.feedback.joining.mention import DAY_S, Mention
from processors.feedback.joining.words import fold

MAX_CHARS = 4_000
MOST_FOUND = 8
"""Of each kind that are looked at, the first ones: a pasted log has thousands."""
MOST = 2
"""Mentions of a text that are kept, the surest first."""
AGO, WAITING, JUST, VAGUELY, PART, DAYS_AGO = 0.9, 0.8, 0.75, 0.6, 0.75, 0.5
"""Chance that it is when it happened: so long ago, for so long, just now, earlier, a part of a day, some days ago."""
AGO_OUT, VAGUE_OUT, LEAST_S = 0.15, 0.6, 60.0
"""How far out "20 minutes ago" is, and "a few minutes ago", as a part of it, and at the least in seconds."""
JUST_S, EARLIER_S = (0.0, 300.0), (300.0, 21_600.0)
PART_OUT_S = 1_800.0
LONGEST_S = 14 * DAY_S
_NUMBER = "|".join(sorted(map(re.escape, words.NUMBERS), key=lambda one: (-len(one), one)))
_ABOUT = rf"(?:(?:{words.ABOUT})\s?)?"
_COUNT = rf"(?P<n>\d{{1,3}}(?:[.,]5)?|{_NUMBER})[\s-]{{0,2}}"
_WAITING = r"seit|for(?: the (?:last|past))?|in the (?:last|past)|depuis|desde hace|lleva|waiting"
_AGO = re.compile(
    rf"(?<!\w)(?:{_COUNT}(?P<unit>{words.UNIT})\s(?:ago|earlier|back|atras)\b"
    rf"|(?:vor|(?P<for>{_WAITING})|il y a|hace|ha|faz)"
    rf"\s{_ABOUT}{_COUNT.replace('<n>', '<n2>')}(?P<unit2>{words.UNIT})\b)"
)
_AGO_ZH = re.compile(rf"(?P<n>\d{{1,3}}|{_NUMBER})\s?个?(?P<half>半)?(?P<unit>{words.UNIT_ZH})(?:(?:之|以)?前|了)")
_JUST = re.compile(rf"(?<![a-z])(?:{words.JUST_NOW})")
_EARLIER = re.compile(rf"(?<![a-z])(?:{words.EARLIER})(?![a-z])")
_GOES_ON = re.compile(r"\s?(?:before|until|till|and then|and|then|every|each|bevor|bis|und|avant|hasta|ate)\b")
_PLAIN = {0x2018: "'", 0x2019: "'", 0x2013: "-", 0x2014: "-"}
Found = tuple[Place, Mention]


def mentions(*texts: str | None) -> tuple[Mention, ...]:
    """Times that a text names, `MOST` at most, the surest first, and the more exact of two."""
    said = fold(" \n ".join(text[:MAX_CHARS] for text in texts if text))[: 2 * MAX_CHARS].translate(_PLAIN)
    found: list[Found] = []
    for finder in (stamps_in, _ago_in, clocks_in, _parts_in):
        if finder is _parts_in and any(mention.kind != "stamp" for _, mention in found):
            break  # "this morning at ten": the part of the day was taken into account already
        for place, mention in islice(finder(said), MOST_FOUND):
            if all(place[1] <= begin or end <= place[0] for (begin, end), _ in found):
                found.append((place, mention))
    found.sort(key=lambda one: (-one[1].sure, one[1].spread_s + one[1].end - one[1].begin, one[0]))
    return tuple(mention for _, mention in found[:MOST])


def _ago_in(said: str) -> Iterator[Found]:
    for found in _AGO.finditer(said):
        number, unit = found["n"] or found["n2"], found["unit"] or found["unit2"]
        waiting = bool(found["for"])
        if not (waiting and _GOES_ON.match(said, found.end())):  # how long something takes, not since when
            yield from _so_long(found.span(), number, unit, waiting=waiting, said=found[0])
    for found in _AGO_ZH.finditer(said):
        yield from _so_long(found.span(), found["n"], found["unit"], waiting=found[0][-1] == "了", said=found[0])
    for pattern, (begin, end), sure in ((_JUST, JUST_S, JUST), (_EARLIER, EARLIER_S, VAGUELY)):
        for found in pattern.finditer(said):
            yield found.span(), Mention("ago", end, begin, LEAST_S, sure, said=found[0])


def _so_long(place: Place, number: str, unit: str, *, waiting: bool, said: str) -> Iterator[Found]:
    count = words.NUMBERS.get(number)
    if count is None:
        count = float(number.replace(",", "."))
    begins = max((name for name in words.UNITS if unit.startswith(name)), key=len)
    ago = count * words.UNITS[begins]
    if not 0 < ago <= LONGEST_S:
        return
    out = max(LEAST_S, (VAGUE_OUT if number in words.VAGUE else AGO_OUT) * ago)
    sure = DAYS_AGO if words.UNITS[begins] >= DAY_S else WAITING if waiting else AGO
    yield (
        place,
        Mention("ago", ago, ago, DAY_S / 4 if sure == DAYS_AGO else out, sure, since=waiting, said=said.strip()),
    )


def _parts_in(said: str) -> Iterator[Found]:
    for part, begin, end, day in DAYS:
        found = part.search(said)
        if found is None or is_planned(said[max(0, found.start() - 40) : found.end() + 28]):
            continue
        yield found.span(), Mention("wall", begin * HOUR_S, end * HOUR_S, PART_OUT_S, PART, day=day, said=found[0])
        return
