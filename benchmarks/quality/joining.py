"""Planted links: is the very call that somebody complains of found first, and is nothing found where there is none."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from statistics import mean, quantiles

from benchmarks.quality.complaining import Planted, Public, lived, troubled
from benchmarks.quality.measure import Measure
from contracts.pseudonyms import pseudonym
from contracts.symptoms import Symptom
from contracts.topics import SYMPTOMS
from processors.feedback.joining.complaint import Complaint
from processors.feedback.joining.joiner import TABLES, Joiner
from processors.feedback.joining.links import Links
from processors.runtime.records import PlainRecord
from processors.runtime.tables import State
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import SymptomFinder

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
WANTED = {"trace": (0.99, 0.99), "session": (0.95, 0.95), "user": (0.85, 0.85), "anonymous": (0.60, 0.75)}
PROJECT = "default/default/production"
KEY = b"joining"
TICK_S = 10.0


@dataclass(slots=True)
class Score:
    """Answers by what ties them, right and wrong; ``took`` is seconds a join."""

    first: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    pattern: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    top: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    none: list[bool] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    symptoms: int = 0
    channels: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))


def measures(seeds: int) -> list[Measure]:
    """Shares of complaints whose call stands first, by what ties them to it, over all runs."""
    scores = [score(seed) for seed in range(seeds)]
    made = []
    for by, wanted in WANTED.items():
        found = [right for one in scores for right in one.first[by]]
        spread = sorted(mean(one.first[by]) for one in scores)
        top = mean(right for one in scores for right in one.top[by])
        pattern = mean(right for one in scores for right in one.pattern[by])
        note = f"{len(found)} complaints, {seeds} seeds from {spread[0]:.2f} to {spread[-1]:.2f}; among three {top:.2f}, pattern {pattern:.2f}"
        made.append(Measure(f"planted links, {by}", "correct call first", round(mean(found), 3), *wanted, note=note))
    none = [right for one in scores for right in one.none]
    made.append(
        Measure("planted links, no cause", "no match", round(mean(none), 3), 0.8, 0.9, note=f"{len(none)} complaints")
    )
    took = [1000 * seconds for one in scores for seconds in one.took]
    made.append(
        Measure(
            "planted links",
            "ms a join",
            round(mean(took), 3),
            1.5,
            1.0,
            "lower",
            f"p99 {quantiles(took, n=100)[98]:.2f}",
        )
    )
    return made


def score(seed: int) -> Score:
    """One run, answers as they are when it ends."""
    found, answers, planted, symptoms = Score(), {}, [], {}
    joiner = Joiner(State(TABLES))
    for event in happened(seed):
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
    found.symptoms = len(symptoms)
    for one in planted:
        _rate(one, answers[one.complaint.id], symptoms, found)
    return found


def _rate(one: Planted, links: Links, symptoms: dict[str, Symptom], found: Score) -> None:
    if one.call is None:
        found.none.append(links.verdict == "no match")
        return
    calls = [link.call for link in links.links]
    right = bool(calls) and calls[0] == one.call
    found.first[one.by].append(right)
    found.channels[f"{one.by} {one.complaint.channel}"].append(right)
    found.top[one.by].append(one.call in calls)
    symptom = symptoms.get(one.call)
    found.pattern[one.by].append(
        symptom is not None and links.pattern is not None and links.pattern.route == (symptom.route or "")
    )


def happened(seed: int) -> Iterator[Symptom | Planted | float]:
    """Symptoms, complaints and the time every `TICK_S`, in the order in which they come."""
    telemetry, next_tick = TelemetryStage(KEY, symptoms=SymptomFinder()), START.timestamp()
    for offset, (at, event) in enumerate(lived(troubled(seed, START), Public(seed))):
        while at >= next_tick:
            yield next_tick
            next_tick += TICK_S
        if isinstance(event, Planted):
            yield replace(event, complaint=_hidden(event.complaint))
            continue
        record = PlainRecord(event, offset=offset, timestamp=int(at * 1000))
        for output in telemetry.process(record):
            if output.topic == SYMPTOMS.name:
                yield Symptom.model_validate_json(output.value or b"")
    yield next_tick + 2_000


def _hidden(complaint: Complaint) -> Complaint:
    """As the feedback stage has it: with pseudonyms."""
    return replace(
        complaint,
        user=pseudonym(complaint.user, KEY) if complaint.user else None,
        session=pseudonym(complaint.session, KEY) if complaint.session else None,
    )


def _by_channel(scores: list[Score]) -> Iterator[str]:
    counted: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for one in scores:
        for channel, found in one.channels.items():
            counted[channel] += len(found)
            right[channel] += sum(found)
    for channel in sorted(counted):
        yield f"{channel}: {right[channel] / counted[channel]:.2f} of {counted[channel]}"
