"""From the leaves of the last minutes to the causes of failing calls, worded, with their evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from contracts.calls import Blame
from contracts.windows import OTHER, WINDOW_S
from processors.health.chances import poisson_score
from processors.health.leaf_history import HISTORY_S, ProjectLeaves
from processors.health.leaves import FAILURE, Leaves
from processors.health.look import Look
from processors.health.rank import Region, named
from processors.health.scan import FEWEST, holds, scan
from processors.health.sighting import CauseKey, Sighting

HORIZONS_S = {60: 30, 180: 30, 480: 60, 900: 60, 2_700: 300}
"""How far back a problem may have begun, and how often that is looked at: short ones see it early, long ones see a
weak one at all."""
PAST_S = 180
"""What is usual has to be known from at least three minutes."""
ALARM = 16.0
"""Score of an alarm: e^-16 for one region at one look; the day of a quiet project has none (`make evaluate`)."""
CHANCES = 2e7
"""Regions that noise alone has in a week to look like a problem, for the confidence: in five days at 20 calls/s the
likeliest of them scored 16.4 (`make evaluate`), and a score of 19 makes nine in ten."""
COST = 0.95
"""What is left of a score that was looked up for one region after the costs of choosing it."""
BLOCKS = 10
"""Parts of the past of which the calmer half tells what is usual where nothing is wrong."""
MISTYPED, MISTYPED_CALLS = 0.05, 100.0
"""While little is known of log-ins, one in twenty is taken to fail, as if that had been seen in so many calls."""
MOST_CAUSES = 3
"""Problems told apart at one look; the next look sees what is left."""
RIVALS = 2
_BLAMES: dict[str, Blame] = {"gateway": "gateway", "upstream": "upstream", "third_party": "third_party"}


def pinpoint(
    leaves: ProjectLeaves,
    look: Look,
    *,
    aside: Iterable[CauseKey] = (),
    since: int | None = None,
    failing: bool = False,
) -> list[Sighting]:
    """What fails now, best explained first; combinations in ``aside`` are known and left out.

    ``since`` fixes the beginning; ``failing`` says that a detector has raised an alarm, so that a short past will do.
    """
    known = [pairs for cause in aside if (pairs := codes_of_cause(cause, leaves)) is not None]
    found: list[Sighting] = []
    for _ in range(MOST_CAUSES):
        best = _best(leaves, look, known, since, failing=failing)
        if best is None:
            break
        seen: Sighting | None = _sighting(leaves, look.end, best)
        if seen is not None and leaves.kind == "auth_failures":
            seen = beyond_own(leaves, seen)
        if seen is not None:
            found.append(seen)
        known.append(best.regions[0].pairs)
        if since is not None:
            break
    return found


@dataclass(frozen=True, slots=True)
class _Suspects:
    """Regions that fail since ``start``, best first, and by how much all failures exceed what is usual."""

    start: int
    regions: list[Region]
    excess: float


def beyond_own(leaves: ProjectLeaves, said: Sighting) -> Sighting | None:
    """The same held against the past of these calls alone, None where that explains it.

    Passwords are mistyped every day where there are passwords, and nowhere else: what the other routes have tells
    nothing.
    """
    calls, failed = region(leaves, said.cause, leaves.first or said.since, said.since)
    usual = (failed + MISTYPED * MISTYPED_CALLS) / (calls + MISTYPED_CALLS)
    share = (failed + said.observed + MISTYPED * MISTYPED_CALLS) / (calls + said.calls + MISTYPED_CALLS)
    score = poisson_score(said.observed, share * said.calls) + poisson_score(
        usual * (calls + MISTYPED_CALLS), share * (calls + MISTYPED_CALLS)
    )
    if said.observed <= usual * said.calls or score < ALARM:
        return None
    sure = (0.8 if said.caveats else 1.0) * _sure(score)
    return replace(said, expected=usual * said.calls, score=score, confidence=min(said.confidence, sure))


def surer(said: Sighting, score: float) -> float:
    """How sure a problem is that has come to this score."""
    return max(said.confidence, (0.8 if said.caveats else 1.0) * _sure(COST * score))


def region(leaves: ProjectLeaves, cause: CauseKey, since: int, until: int) -> tuple[float, float]:
    """Calls and failed calls of a cause in a time."""
    rows = inside(leaves, cause, since, until)
    return float(rows.sums[:, 0].sum()), float(rows.sums[:, 1].sum())


def failures_of(leaves: ProjectLeaves, cause: CauseKey, since: int, until: int) -> dict[str, int]:
    """How the calls of a cause failed, most frequent first."""
    rows = inside(leaves, cause, since, until)
    codes, bad = rows.codes[:, FAILURE], rows.sums[:, 1]
    names = leaves.values[FAILURE]
    counts = np.bincount(codes[bad > 0], bad[bad > 0], len(names)).astype(int)
    return {names[code]: int(counts[code]) for code in np.argsort(-counts, kind="stable")[:5] if counts[code]}


def inside(leaves: ProjectLeaves, cause: CauseKey, since: int, until: int) -> Leaves:
    """The leaves of a cause in a time."""
    rows, pairs = leaves.between(since, until), codes_of_cause(cause, leaves)
    return rows.where(holds(rows, pairs) if pairs is not None else np.zeros(len(rows.codes), np.bool_))


def _best(
    leaves: ProjectLeaves,
    look: Look,
    known: list[tuple[tuple[int, int], ...]],
    since: int | None,
    *,
    failing: bool,
) -> _Suspects | None:
    """What the horizon shows at which a region scores best."""
    best: _Suspects | None = None
    first, end = leaves.first, look.end
    due = [end - horizon for horizon, every in HORIZONS_S.items() if failing or look.passes(every)]
    for start in due if since is None else (since,):
        if first is None or (start - first < PAST_S and not failing):
            continue
        now = without(leaves.between(start, end), known)
        if now.sums[:, 1].sum() < FEWEST:
            continue
        earliest = max(first, end - HISTORY_S)
        leaves.lay_out(earliest, end)
        past = [without(block, known) for block in blocks_of(leaves, earliest, start)]
        regions = scan(now, past, attributes=len(leaves.names))
        if regions and regions[0].score >= ALARM and (best is None or regions[0].score > best.regions[0].score):
            calls, bad = sum((block.sums.sum(axis=0) for block in past), np.zeros(2))  # a young project has no past
            rate = (bad + 0.5) / (calls + 100.0)
            best = _Suspects(start, regions, float(now.sums[:, 1].sum() - rate * now.sums[:, 0].sum()))
    return best


def blocks_of(leaves: ProjectLeaves, since: int, until: int) -> list[Leaves]:
    """The leaves of a time in blocks of equal length, none shorter than a window."""
    length = max(WINDOW_S, -(-(until - since) // BLOCKS))
    return [leaves.between(at, min(at + length, until)) for at in range(since, until, length)]


def _sighting(leaves: ProjectLeaves, end: int, suspects: _Suspects) -> Sighting:
    top = suspects.regions[0]
    usual, start = top.expected / top.calls, suspects.start
    cause = named(top, leaves.names, leaves.values)
    began = _onset(leaves, cause, (start, end), usual)
    calls, failed = region(leaves, cause, began, end)
    expected = calls * usual
    failures = failures_of(leaves, cause, began, end)
    cold = start - (leaves.first or start) < PAST_S
    return Sighting(
        kind=leaves.kind,
        cause=cause,
        since=began,
        until=end,
        calls=calls,
        observed=failed,
        expected=expected,
        score=poisson_score(failed, max(expected, 1e-6)),
        confidence=(0.8 if cold else 1.0) * _sure(top.score),
        detectors=("scan",),
        share_explained=min(1.0, max(0.0, (top.observed - top.expected) / max(suspects.excess, 1e-6))),
        rivals=tuple(
            (named(rival, leaves.names, leaves.values), rival.score) for rival in suspects.regions[1 : 1 + RIVALS]
        ),
        failures=failures,
        blame="gateway" if leaves.kind == "routing_failures" else _blame(failures),
        caveats=("what is usual is known from less than three minutes",) if cold else (),
    )


def _onset(leaves: ProjectLeaves, cause: CauseKey, between: tuple[int, int], usual: float) -> int:
    """When it began: the start from which on the region's failures are least likely to be chance."""
    start, end = between
    best, began = -1.0, start
    calls = failed = 0.0
    earliest = max(start - WINDOW_S * 6, leaves.first or start)
    for window in range(end - WINDOW_S, earliest - 1, -WINDOW_S):
        more = region(leaves, cause, window, window + WINDOW_S)
        calls, failed = calls + more[0], failed + more[1]
        score = poisson_score(failed, max(usual * calls, 1e-3))
        if failed > usual * calls and score > best and more[1]:
            best, began = score, window
    return began


def without(rows: Leaves, known: list[tuple[tuple[int, int], ...]]) -> Leaves:
    """The rows that lie in none of the known regions."""
    for pairs in known:
        rows = rows.where(~holds(rows, pairs))
    return rows


def codes_of_cause(cause: CauseKey, leaves: ProjectLeaves) -> tuple[tuple[int, int], ...] | None:
    """A cause in codes; None when a value is not known any more."""
    pairs = []
    for attribute, value in cause:
        number = leaves.names.index(attribute) if attribute in leaves.names else -1
        if number < 0 or value == OTHER or value not in leaves.values[number]:
            return None
        pairs.append((number, leaves.values[number].index(value)))
    return tuple(pairs)


def _sure(score: float) -> float:
    return 1.0 - min(0.5, CHANCES * math.exp(-score))


def _blame(failures: dict[str, int]) -> Blame:
    sides: dict[str, int] = {}
    for name, count in failures.items():
        side = name.partition(":")[0]
        sides[side] = sides.get(side, 0) + count
    return _BLAMES.get(max(sides, key=sides.__getitem__), "unknown") if sides else "unknown"
