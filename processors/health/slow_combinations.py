"""Combinations of attributes under which calls got slower, although their route as a whole hardly did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.windows import WINDOW_S
from processors.health.leaf_history import ProjectLeaves
from processors.health.look import Look
from processors.health.mass import scan_mass
from processors.health.pinpoint import blocks_of, codes_of_cause, inside, region, without
from processors.health.rank import named
from processors.health.sighting import CauseKey, Sighting

HORIZONS_S = {300: 60, 900: 300}
"""How far back it may have begun, and how often that is looked at."""
STRETCHES = 3
"""Earlier times of the same length that have to be known: now has to be slower than each of them."""
ALARM = 40.0
"""Score of an alarm: what got slower has to stand out more than twice as far as what fails (`mass.py`), because noise
alone reaches 18 once in 200 looks; six quiet hours at 20 calls/s reach 8, at 100 calls/s 11."""
SLOWER, NOTICED_MS = 1.5, 20.0
"""From one and a half times the usual mean on, and from so many milliseconds more: below, nobody notices."""
FEW = 25
"""Sampled calls below which a mean says nothing."""
STILL = 1.25
"""It lasts while the mean of its last minutes is so many times the usual one."""
PAST = 6
"""How many times as long the time before is that it is held against: more costs more and says little more."""
PROMISING = 15.0
"""Score of a pair of attributes from which triples are scanned too, which cost most: every one lies in three pairs."""
TRIED = 5
"""Best regions of a scan that are held against their own past."""
SURE = 0.85
"""Never as sure as what fails: a mean follows its slowest calls."""
DETECTOR = "mass_scan"


def slow_combinations(leaves: ProjectLeaves, look: Look, aside: Iterable[CauseKey]) -> Iterator[Sighting]:
    """The combination that got slower most, if there is one; what lies in those in ``aside`` is explained already."""
    known = [pairs for cause in aside if (pairs := codes_of_cause(cause, leaves)) is not None]
    best: Sighting | None = None
    for horizon, every in HORIZONS_S.items():
        if look.passes(every):
            seen = _slower(leaves, look.end - horizon, look.end, known)
            if seen is not None and (best is None or seen.score > best.score):
                best = seen
    if best is not None:
        yield best


def told_by_mean(said: Sighting) -> bool:
    """Whether it is known by its mean; a detector that saw the same cause later may have taken it over."""
    return "usual_mean_ms" in said.numbers


def still_slow(leaves: ProjectLeaves, said: Sighting, end: int) -> Sighting | None:
    """The same problem with what its last minutes show, while it lasts."""
    mean_ms = _mean_ms(leaves, said.cause, end - min(HORIZONS_S), end)
    usual_ms = said.numbers["usual_mean_ms"]
    if mean_ms is None or mean_ms < STILL * usual_ms:
        return None
    return _sighting(leaves, said.cause, (said.since, end), usual_ms, said.score)


def _slower(leaves: ProjectLeaves, start: int, end: int, known: list[tuple[tuple[int, int], ...]]) -> Sighting | None:
    first = leaves.first
    if first is None or start - first < STRETCHES * (end - start):
        return None
    now = without(leaves.between(start, end), known)
    since = max(first, start - PAST * (end - start))
    past = [without(block, known) for block in blocks_of(leaves, since, start)]
    pairs = scan_mass(now, past, attributes=len(leaves.names), most=1, together=2)
    if not pairs or pairs[0].score < PROMISING:
        return None
    unknown: list[tuple[tuple[int, int], ...]] = []
    refused = ALARM
    for found in scan_mass(now, past, attributes=len(leaves.names), most=TRIED):
        if found.score < ALARM:
            break
        if found.score < refused:
            continue
        cause = named(found, leaves.names, leaves.values)
        usual_ms = _usual_ms(leaves, cause, start, end)
        mean_ms = _mean_ms(leaves, cause, start, end, besides=unknown)
        if usual_ms is None or mean_ms is None:
            unknown.append(found.pairs)
        elif mean_ms >= SLOWER * usual_ms and mean_ms - usual_ms >= NOTICED_MS:
            return _sighting(leaves, cause, (_onset(leaves, cause, start, end, usual_ms), end), usual_ms, found.score)
        else:  # what explains less may be a part of it that is slower by chance: the next look knows more
            refused = found.score
    return None


def _usual_ms(leaves: ProjectLeaves, cause: CauseKey, start: int, end: int) -> float | None:
    """The slowest of the earlier times of the same length; None where too little is known.

    A scan shrinks what is known of a small combination towards its mix of routes; this is its own past alone.
    """
    length, first = end - start, leaves.first or start
    means = [_mean_ms(leaves, cause, at, at + length) for at in range(start - length, first - 1, -length)]
    known = [mean for mean in means if mean is not None]
    return max(known) if len(known) >= STRETCHES else None


def _mean_ms(
    leaves: ProjectLeaves,
    cause: CauseKey,
    since: int,
    until: int,
    *,
    besides: Iterable[tuple[tuple[int, int], ...]] = (),
) -> float | None:
    """Mean latency of a cause in a time; None where too few calls were sampled (Kish's effective sample size).

    What lies in ``besides`` is left out: where a few calls are slow that nothing is known of, what holds them is not.
    """
    rows = without(inside(leaves, cause, since, until), list(besides))
    calls, mass = rows.sums.sum(axis=0)
    squares = calls + (0 if rows.variance is None else rows.variance.sum())
    return None if not calls or calls * calls < FEW * squares else float(mass / calls)


def _onset(leaves: ProjectLeaves, cause: CauseKey, start: int, end: int, usual_ms: float) -> int:
    """The beginning from which on the most time was lost: the earliest sum of excess that is the largest."""
    lost, best, began = 0.0, 0.0, start
    for window in range(end - WINDOW_S, start - 1, -WINDOW_S):
        calls, mass = region(leaves, cause, window, window + WINDOW_S)
        lost += mass - STILL * usual_ms * calls
        if lost > best:
            best, began = lost, window
    return began


def _sighting(
    leaves: ProjectLeaves, cause: CauseKey, between: tuple[int, int], usual_ms: float, score: float
) -> Sighting:
    since, end = between
    calls, mass = region(leaves, cause, since, end)
    mean_ms = mass / max(calls, 1.0)
    return Sighting(
        kind="latency",
        cause=cause,
        since=since,
        until=end,
        calls=calls,
        observed=round(mass / 1_000, 3),
        expected=usual_ms * calls / 1_000,
        score=score,
        confidence=SURE,
        detectors=(DETECTOR,),
        numbers={"mean_ms": round(mean_ms, 1), "usual_mean_ms": round(usual_ms, 1)},
    )
