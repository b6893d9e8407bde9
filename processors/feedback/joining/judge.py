"""Weighs every call that may stand behind a complaint."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.feedback.joining import weigh
from processors.feedback.joining.candidates import Candidates
from processors.feedback.joining.choose import FAR_BEHIND, choose
from processors.feedback.joining.clients import Clients
from processors.feedback.joining.columns import CLAIMED, KEYS, Columns, Numbers
from processors.feedback.joining.complaint import Heard
from processors.feedback.joining.lags import Lags
from processors.feedback.joining.links import BY, By, Evidence, Link, Links
from processors.feedback.joining.pattern import LONG, tell
from processors.feedback.joining.patterns import Patterns
from processors.feedback.joining.reported import patterns_reported
from processors.feedback.joining.reporters import Reporters
from processors.feedback.joining.said_when import said_when
from processors.feedback.joining.time_reason import MENTIONED
from processors.feedback.joining.wall_clocks import WallClocks

Floats = npt.NDArray[np.float64]
TOP = 3
LIKELY = 0.5
MOST_FURTHER, LEAST_FURTHER = 30, 0.002
"""Calls that are told where none of the best is likely by itself, and the least probability of each."""

NAMED_CALL = BY.index("session")
"""Ties before this one name the very call: its trace or its request."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a complaint is held against."""

    candidates: Candidates
    patterns: Patterns
    clients: Clients
    lags: Lags
    reporters: Reporters
    clocks: WallClocks


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Points of each row, by the name of the evidence; ``by`` is an index of `BY`."""

    rows: Numbers
    by: Numbers
    patterns: Numbers
    parts: dict[str, Floats]
    lag: Floats

    @property
    def total(self) -> Floats:
        return np.sum(list(self.parts.values()), axis=0) if len(self.rows) else np.zeros(0)


def judge(project: str, heard: Heard, known: Known) -> Links:
    """The likeliest calls and the pattern behind a complaint, or "no match"."""
    columns = known.candidates.of(project)
    if columns is None:
        return Links(heard.id, "no match", weigh.tone(heard))
    weighed = _weigh(project, heard, known, columns)
    if not len(weighed.rows):
        return Links(heard.id, "no match", weigh.tone(heard))
    total = weighed.total
    highest = float(total.max())
    odds = np.exp(total - highest)
    points = highest + math.log(float(odds.sum()))
    if points < weigh.ENOUGH:
        return Links(heard.id, "no match", round(points, 3))
    chance = odds / (odds.sum() + math.exp(min(weigh.ENOUGH - highest, 700.0)))
    by_pattern = np.bincount(weighed.patterns, chance)
    likeliest = int(by_pattern.argmax())
    pattern = known.patterns.get(project, likeliest)
    best = [place for place in np.lexsort((weighed.rows, -total))[:TOP] if total[place] >= highest - FAR_BEHIND]
    return Links(
        heard.id,
        "match",
        round(points, 3),
        tuple(_link(project, heard, known, weighed, place=int(p), chance=float(chance[p])) for p in best),
        None if pattern is None else tell(project, pattern),
        round(float(by_pattern[likeliest]), 4),
        further=() if chance.max() >= LIKELY else _further(project, known, weighed.rows, chance),
    )


def _further(project: str, known: Known, rows: Numbers, chance: Floats) -> tuple[tuple[str, float], ...]:
    """The likeliest calls where none stands out: together they may still say which trouble it is."""
    places = np.lexsort((rows, -chance))[:MOST_FURTHER]
    return tuple(
        (known.candidates.call(project, int(rows[place])), round(float(chance[place]), 4))
        for place in places
        if chance[place] >= LEAST_FURTHER
    )


def _link(project: str, heard: Heard, known: Known, weighed: _Weighed, *, place: int, chance: float) -> Link:
    row = int(weighed.rows[place])
    pattern = known.patterns.get(project, int(weighed.patterns[place]))
    evidence = tuple(
        Evidence(name, round(float(points[place]), 3))
        for name, points in weighed.parts.items()
        if abs(points[place]) >= 0.0005  # noqa: PLR2004 - what rounds to nothing
    )
    return Link(
        known.candidates.call(project, row),
        row,
        heard.at - float(weighed.lag[place]),
        BY[int(weighed.by[place])],
        round(float(weighed.total[place]), 3),
        round(chance, 4),
        round(float(weighed.lag[place]), 3),
        evidence,
        None if pattern is None else tell(project, pattern),
    )


def _weigh(project: str, heard: Heard, known: Known, columns: Columns) -> _Weighed:
    about = {
        **weigh.patterns_fit(project, heard, known.patterns),
        "reported": patterns_reported(project, known.patterns, known.reporters),
    }
    when = said_when(project, heard, known.clocks, known.lags)
    fit = np.sum(list(about.values()), axis=0)
    chosen = choose(project, heard, known.candidates, known.lags, fit=fit, when=when)
    rows = chosen.rows
    place = rows - columns.first
    patterns = np.asarray(columns.column("pattern")[place], np.int64)
    lag = np.asarray(heard.at - columns.column("at")[place], np.float64)
    time = known.lags.points(project, heard.channel, lag)
    mentioned = np.zeros(len(rows)) if when is None else when.points(columns.column("at")[place])
    by, keys = _tie(heard, columns, place)
    named = np.exp((time + mentioned)[(by == len(KEYS)) & chosen.is_unusual(lag)]).sum()
    ratio = np.asarray(columns.column("ratio")[place], np.float64)
    client = weigh.clients_fit(project, heard, known.clients)[columns.column("client")[place]]
    parts = {
        **keys,
        **{name: points[patterns] for name, points in about.items()},
        "slowness": np.where(known.patterns.ends(project)[patterns] == LONG, weigh.slowness(ratio), 0.0),
        "client": np.where(by == len(KEYS), client, weigh.TIED_CLIENT * np.minimum(client, 0.0)),
        "time": np.where(by < NAMED_CALL, np.maximum(time, weigh.NAMED_LATE), time),
        MENTIONED: np.where(by < NAMED_CALL, np.maximum(mentioned, 0.0), mentioned),
        "tone": np.full(len(rows), weigh.tone(heard)),
        "crowd": _crowd(by, chosen.likely + float(named)),
        "claimed": _claimed(heard, columns, place, by),
    }
    return _Weighed(rows, by, patterns, parts, lag)


def _tie(heard: Heard, columns: Columns, place: Numbers) -> tuple[Numbers, dict[str, Floats]]:
    """What ties each row to the complaint, and the points for it, or against it where it names another."""
    by = np.full(len(place), len(KEYS), np.int64)
    points: dict[str, Floats] = {}
    for number in reversed(range(len(KEYS))):
        name: By = BY[number]
        column = columns.column(KEYS[number])[place]
        key = heard.keys[number]
        same = column == np.uint64(key) if key else np.zeros(len(place), np.bool_)
        if number < 2 and heard.mentioned:  # noqa: PLR2004 - traces and requests
            same |= np.isin(column, np.array(heard.mentioned, np.uint64))
        by[same] = number
        other = (column != 0) & ~same if key else np.zeros(len(place), np.bool_)
        against = weigh.OTHER[name] * (1.0 if same.any() else weigh.UNSEEN)
        points[name] = np.where(same, weigh.SAME[name], np.where(other, against, 0.0))
    points["session"][by < 2] = np.maximum(points["session"][by < 2], 0)  # noqa: PLR2004
    points["user"][by < 3] = np.maximum(points["user"][by < 3], 0)  # noqa: PLR2004
    return by, points


def _crowd(by: Numbers, likely: float) -> Floats:
    """A call that nothing ties is one of so many, counted by how likely their time is."""
    return np.where(by == len(KEYS), -math.log1p(likely), 0.0)


def _claimed(heard: Heard, columns: Columns, place: Numbers, by: Numbers) -> Floats:
    """Each call has one person behind it: less for what somebody else surely complained of."""
    points = np.zeros(len(place))
    for number in np.flatnonzero(columns.column(CLAIMED)[place] & (by == len(KEYS))).tolist():
        if columns.people[columns.first + int(place[number])] not in heard.keys[2:]:
            points[number] = weigh.CLAIMED
    return points
