"""Planted links: is the very call that somebody complains of found first, and is nothing found where there is none."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean, quantiles
from typing import cast

from benchmarks.quality.measure import Measure
from benchmarks.quality.planted_links import DESK, DESK_AHEAD_S, Happened, Planted, happened
from contracts.feedback import Channel
from contracts.symptoms import Symptom
from processors.feedback.joining.devices import spell
from processors.feedback.joining.joiner import TABLES, Joiner
from processors.feedback.joining.links import Links
from processors.feedback.joining.mention import Moment, moments
from processors.feedback.joining.mentioned_times import mentions
from processors.feedback.joining.summer_time import hours_east
from processors.runtime.tables import State
from producers.simulate.people.channels import WAYS

WANTED = {"trace": (0.99, 0.99), "session": (0.95, 0.95), "user": (0.85, 0.85), "anonymous": (0.60, 0.75)}
PROJECT = "default/default/production"
ANY_TIME = 0.1 / 86_400
"""Of what is named, one in ten is another time of the day."""
Rights = dict[str, list[bool]]


@dataclass(slots=True)
class Score:
    """Answers, right and wrong, by what ties a complaint to its call; ``took`` is seconds a join.

    ``possible`` is what somebody finds who knows the fault, how long people take on each channel, and the clocks.
    """

    first: Rights = field(default_factory=lambda: defaultdict(list))
    top: Rights = field(default_factory=lambda: defaultdict(list))
    pattern: Rights = field(default_factory=lambda: defaultdict(list))
    by_channel: Rights = field(default_factory=lambda: defaultdict(list))
    possible: Rights = field(default_factory=lambda: defaultdict(list))
    none: list[bool] = field(default_factory=list)
    matched: list[bool] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


def measures(seeds: int) -> list[Measure]:
    """Shares of complaints whose call stands first, by what ties them to it, over all runs."""
    scores = [score(happened(seed)) for seed in range(seeds)]
    made = [_measure(scores, by, wanted) for by, wanted in WANTED.items()]
    none = [right for one in scores for right in one.none]
    matched = [right for one in scores for right in one.matched]
    note = f"{len(none)} complaints; of {len(matched)} matches {mean(matched):.2f} have a cause"
    made.append(Measure("planted links, no cause", "no match", round(mean(none), 3), 0.8, 0.9, note=note))
    took = [1000 * seconds for one in scores for seconds in one.took]
    note = f"p99 {quantiles(took, n=100)[98]:.2f}, worst {max(took):.1f}"
    made.append(Measure("planted links", "ms a join", round(mean(took), 3), 1.5, 1.0, "lower", note))
    return made


def _measure(scores: list[Score], by: str, wanted: tuple[float, float]) -> Measure:
    first = _all(scores, "first", by)
    spread = sorted(mean(one.first[by]) for one in scores if one.first[by])
    note = (
        f"{len(first)} complaints, {len(scores)} seeds from {spread[0]:.2f} to {spread[-1]:.2f}; among three "
        f"{mean(_all(scores, 'top', by)):.2f}, route right {mean(_all(scores, 'pattern', by)):.2f}"
    )
    if by == "anonymous":
        in_app = _all(scores, "by_channel", "anonymous in_app")
        note += f"; who knows all beforehand finds {mean(_all(scores, 'possible', by)):.2f}; in-app {mean(in_app):.2f}"
    return Measure(f"planted links, {by}", "correct call first", round(mean(first), 3), *wanted, note=note)


def _all(scores: list[Score], what: str, by: str) -> list[bool]:
    return [right for one in scores for right in getattr(one, what)[by]]


def score(events: Iterable[Happened]) -> Score:
    """One run; answers as they are when it ends."""
    found, answers, planted = Score(), dict[str, Links](), list[Planted]()
    symptoms: dict[str, Symptom] = {}
    joiner = Joiner(State(TABLES))
    for event in events:
        if isinstance(event, Symptom):
            symptoms[event.call] = event
            for changed in joiner.add_symptom(PROJECT, event, event.occurred_at.timestamp()):
                answers[changed.links.complaint] = changed.links
        elif isinstance(event, Planted):
            planted.append(event)
            began = time.perf_counter()
            answers[event.complaint.id] = joiner.join(PROJECT, event.complaint, event.at)
            found.took.append(time.perf_counter() - began)
        else:
            for changed in joiner.pass_time(event).relinked:
                answers[changed.links.complaint] = changed.links
    for one in planted:
        _rate(one, answers[one.complaint.id], symptoms, found)
    return found


def _rate(one: Planted, links: Links, symptoms: dict[str, Symptom], found: Score) -> None:
    if links.verdict == "match":
        found.matched.append(one.call is not None)
    if one.call is None:
        found.none.append(links.verdict == "no match")
        return
    calls, symptom = [link.call for link in links.links], symptoms.get(one.call)
    right = bool(calls) and calls[0] == one.call
    found.first[one.by].append(right)
    found.by_channel[f"{one.by} {one.complaint.channel}"].append(right)
    found.top[one.by].append(one.call in calls)
    route = symptom.route if symptom else None
    found.pattern[one.by].append(links.pattern is not None and links.pattern.route == route)
    if one.by == "anonymous":
        found.possible[one.by].append(symptom is not None and _likeliest(one, symptom, symptoms) == one.call)


def _likeliest(one: Planted, symptom: Symptom, symptoms: dict[str, Symptom]) -> str:
    """The call of the same fault that fits everything known, at the likeliest lag and the time that is mentioned."""
    heard, best, said = one.complaint, (-math.inf, ""), _said(one, symptom)
    client = spell(heard.browser, heard.os, heard.device, heard.country, heard.release)
    way, ahead = WAYS[cast(Channel, heard.channel)], DESK_AHEAD_S if heard.channel in DESK else 0.0
    for other in symptoms.values():
        lag = heard.at - ahead - other.occurred_at.timestamp()
        if (other.outcome, other.upstream) != (symptom.outcome, symptom.upstream) or lag <= 0:
            continue
        if heard.route not in {None, other.route} or (heard.screen and f"/{heard.screen}" not in (other.route or "")):
            continue
        theirs = spell(other.browser, other.os, other.device, other.country, other.release)
        if all(mine in {"", its} for mine, its in zip(client, theirs, strict=True)):
            off = math.log(lag / way.delay_s) / way.spread
            named = sum(w * _normal(other.occurred_at.timestamp(), begin, end, s) for begin, end, s, w in said)
            points = -off * off / 2 - math.log(lag) + (math.log(named + ANY_TIME) if said else 0.0)
            best = max(best, (points, other.call))
    return best[1]


def _said(one: Planted, symptom: Symptom) -> list[tuple[float, float, float, float]]:
    """Begin, end, spread and weight of what the text says of the time, by the clock of the writer's own country."""
    heard = one.complaint
    found: list[Moment] = []
    at = symptom.occurred_at.timestamp()
    ahead = DESK_AHEAD_S if heard.channel in DESK else 0.0
    for mention in mentions(heard.title, heard.text):
        east_s = {3_600 * hours for hours in hours_east(symptom.country or "DE", symptom.occurred_at)}
        near = min(east_s, key=lambda east: min((abs(m.begin - at) for m in moments(mention, one.at, east)), default=0))
        found += moments(mention, heard.at - ahead, near)
    return [(one.begin, one.end, one.spread_s, one.weight) for one in found]


def _normal(at: float, begin: float, end: float, spread: float) -> float:
    """Density of a time that was said to lie between two, each out by so much."""
    if end - begin < spread:
        return math.exp(-(((at - (begin + end) / 2) / spread) ** 2) / 2) / spread / math.sqrt(2 * math.pi)
    return (
        (math.erf((at - begin) / spread / math.sqrt(2)) - math.erf((at - end) / spread / math.sqrt(2)))
        / 2
        / (end - begin)
    )
