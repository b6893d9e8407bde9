"""Holds what came out against what stands in Kafka: the judge of every fault test."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from contracts.dead_letters import described

Place = tuple[int, int]
"""Partition and offset in the raw topic."""


@dataclass(frozen=True)
class Raw:
    """One record of the raw topic; ``seq`` is None for poison, ``crash`` for what is poison to the counting stage."""

    place: Place
    value: bytes
    seq: int | None = None
    key: str = ""
    crash: bool = False


@dataclass(frozen=True)
class Audit:
    """What is wrong, as counts, and how much work was done twice, which may be right."""

    events: int
    missing: int = 0
    duplicates: int = 0
    strange: int = 0
    letters_missing: int = 0
    letters_wrong: int = 0
    out_of_order: int = 0
    state_wrong: int = 0
    uncovered: int = 0
    repeats: int = 0

    def problems(self, *, repeats_at_most: int, missing: int = 0) -> list[str]:
        """What breaks the promise; empty when it holds."""
        found = {name: count for name, count in asdict(self).items() if name not in {"events", "repeats", "missing"}}
        told = [f"{name.replace('_', ' ')}: {count}" for name, count in found.items() if count]
        if self.missing != missing:
            told.append(f"missing: {self.missing} instead of {missing}")
        if self.repeats > repeats_at_most:
            told.append(f"repeats: {self.repeats}, at most {repeats_at_most} are explained")
        return told


def read_raw(records: Iterable[Any]) -> list[Raw]:
    """Understand the raw topic as the plan wrote it."""
    found = []
    for message in records:
        place = (message.partition(), message.offset())
        try:
            said = json.loads(message.value())
            said = said.get("data", said)["attributes"]  # of a structured event, else of a plain one
            found.append(Raw(place, message.value(), int(said["seq"]), str(said["key"]), "crash" in said))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            found.append(Raw(place, message.value()))
    return found


def as_counting_sees(raw: Sequence[Raw]) -> list[Raw]:
    """What makes the counting stage crash is poison to it."""
    return [replace(one, seq=None) if one.crash else one for one in raw]


def audit_documents(raw: Sequence[Raw], ids: Sequence[str], run: str) -> Audit:
    """Every event is one document, and there are no others."""
    wanted = {f"{run}-{one.seq}" for one in raw if one.seq is not None}
    found = Counter(ids)
    return Audit(
        events=len(wanted),
        missing=len(wanted - set(found)),
        duplicates=sum(count - 1 for count in found.values()),
        strange=len(set(found) - wanted),
    )


def audit_enriched(raw: Sequence[Raw], values: Iterable[bytes], committed: Mapping[int, int]) -> Audit:
    """Every event was enriched at least once, and nothing is committed that was not written.

    An event that came twice may go out twice: the stage drops repeats as far as it remembers.
    """
    wanted = Counter(one.seq for one in raw if one.seq is not None)
    found = Counter(int(orjson.loads(value)["attributes"]["seq"]) for value in values)
    uncovered = {
        one.seq
        for one in raw
        if one.seq is not None and one.seq not in found and one.place[1] < committed.get(one.place[0], 0)
    }
    return Audit(
        events=len(wanted),
        missing=len(set(wanted) - set(found)),
        strange=len(set(found) - set(wanted)),
        uncovered=len(uncovered),
        repeats=sum(max(0, count - wanted[seq]) for seq, count in found.items()),
    )


def audit_letters(raw: Sequence[Raw], letters: Iterable[Any], stage: str, *, exact: bool) -> Audit:
    """Every poison is kept byte for byte under its place; once, if the stage is ``exact``."""
    poison = {one.place: one.value for one in raw if one.seq is None}
    kept: Counter[Place] = Counter()
    wrong = 0
    for letter in letters:
        said = described(letter.headers())
        if said["stage"] != stage or said["reason"] == "gap":
            continue
        place = (int(said["partition"]), int(said["offset"]))
        kept[place] += 1
        wrong += poison.get(place) != letter.value() or not said["reason"]
    repeats = sum(kept.values()) - len(kept)
    return Audit(
        events=0,
        letters_missing=len(set(poison) - set(kept)),
        letters_wrong=wrong,
        duplicates=repeats if exact else 0,
        repeats=0 if exact else repeats,
    )


def audit_counted(raw: Sequence[Raw], outputs: Iterable[Any], totals: Mapping[str, Sequence[int]]) -> Audit:
    """A counting stage put out every record exactly once, in its order by key, and its state is a recomputation."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for one in sorted(raw, key=lambda one: one.place):
        if one.seq is not None:
            wanted[one.key].append(one.seq)
    found: dict[str, list[int]] = defaultdict(list)
    for message in sorted(outputs, key=lambda message: (message.partition(), message.offset())):
        body = orjson.loads(message.value())
        found[body["key"]].append(body["seq"])
    missing = duplicates = out_of_order = 0
    for key in wanted.keys() | found.keys():
        expected, got = Counter(wanted[key]), Counter(found[key])
        missing += sum((expected - got).values())
        duplicates += sum((got - expected).values())
        out_of_order += expected == got and wanted[key] != found[key]
    recomputed = {key: [len(seqs), sum(seqs), seqs[-1]] for key, seqs in wanted.items()}
    state_wrong = sum(recomputed.get(key) != list(totals.get(key, ())) for key in recomputed.keys() | totals.keys())
    return Audit(
        events=sum(map(len, wanted.values())),
        missing=missing,
        duplicates=duplicates,
        out_of_order=out_of_order,
        state_wrong=state_wrong,
    )


def together(audits: Sequence[Audit]) -> Audit:
    """The sum of what several audits found; events are those of the largest."""
    summed: dict[str, int] = {
        name: sum(getattr(audit, name) for audit in audits) for name in asdict(audits[0]) if name != "events"
    }
    return Audit(events=max(audit.events for audit in audits), **summed)
