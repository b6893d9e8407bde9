"""Ratios between arms, round by round, and what is expected of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.peers.environment import Peer
from benchmarks.rounds import Arm, Round, Rounds
from benchmarks.rows import Row, absent, at_least, median_of, spread

PEER_MUST = {"quixstreams": 2.0, "bytewax": 1.5, "arroyo": 4.0}


def speeds(arms: Sequence[Arm], done: Rounds) -> list[Row]:
    """What each arm does by itself."""
    rows = []
    for arm in arms:
        for unit, figures in (
            ("events/CPU-s", [r.per_cpu_s for r in done[arm.name]]),
            ("events/s", [r.per_s for r in done[arm.name]]),
        ):
            rows.append(Row(f"{arm.title}, median", statistics.median(figures), unit))
            rows.append(Row(f"{arm.title}, spread (max - min) / median", spread(figures), "share"))
    return rows


def ratios(done: Rounds, peers: Sequence[Peer]) -> list[Row]:
    """Our stage against each of the others."""
    rounds = [dict(zip(done, one, strict=True)) for one in zip(*done.values(), strict=True)]
    rows = [
        *at_least("(b)/(a) per CPU-second", [_per_cpu(r, "plain") for r in rounds], 0.85, 0.92),
        *median_of("(b)/(a) per second", [r["stage"].per_s / r["plain"].per_s for r in rounds]),
        *at_least("(b)/(c) per CPU-second", [_per_cpu(r, "naive") for r in rounds], 18, 20),
        *median_of("(b)/(d) per CPU-second", [_per_cpu(r, "careful") for r in rounds]),
        *median_of("(c) over (b), cost beyond the rules", [_beyond(r, "naive") / _beyond(r, "stage") for r in rounds]),
        *median_of(
            "(d) over (b), cost beyond the rules", [_beyond(r, "careful") / _beyond(r, "stage") for r in rounds]
        ),
    ]
    for peer in peers:
        rows += _against(peer, rounds)
    if "stage_there" in done:
        rows += median_of("(b)/(b with the libraries of the peers)", [_per_cpu(r, "stage_there") for r in rounds])
    return rows


def _against(peer: Peer, rounds: list[dict[str, Round]]) -> list[Row]:
    name, must = f"(b)/({peer.name}) per CPU-second", PEER_MUST[peer.name]
    if peer.why:
        return [absent(name, peer.why, "ratio", must)]
    beyond = [_beyond(r, peer.name) / _beyond(r, "stage") for r in rounds]
    return [
        *at_least(name, [_per_cpu(r, peer.name) for r in rounds], must),
        *median_of(f"(b)/({peer.name}) per second", [r["stage"].per_s / r[peer.name].per_s for r in rounds]),
        *median_of(f"({peer.name}) over (b), cost beyond the rules", beyond),
    ]


def _per_cpu(one: dict[str, Round], other: str) -> float:
    return one["stage"].per_cpu_s / one[other].per_cpu_s


def _beyond(one: dict[str, Round], arm: str) -> float:
    """CPU seconds an event that an arm spends on everything but the rules; at least a microsecond."""
    return max(1e-6, 1 / one[arm].per_cpu_s - 1 / one["rules"].per_cpu_s)
