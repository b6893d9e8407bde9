"""Run every arm in turn, round after round, on real local engines, and report medians, spread and ratios."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks import adapters, intake, others, ship, visible
from benchmarks.engines import engines
from benchmarks.peers.environment import find_peers
from benchmarks.ratios import ratios, speeds
from benchmarks.rounds import all_arms, interleaved
from benchmarks.rows import Row, show
from benchmarks.state import MANY


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=int, default=15, help="length of each latency run")
    parser.add_argument("--sustained", type=int, default=120, help="seconds of calls to searchable documents")
    parser.add_argument("--share", type=float, default=1.0, help="of the events of a round; less is for a quick look")
    parser.add_argument("--keys", type=int, default=MANY, help="of the large state")
    options = parser.parse_args()
    rows = measured(options)
    for row in rows:
        print(show(row))
    if options.out:
        options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False) + "\n")


def measured(options: argparse.Namespace) -> list[Row]:
    """All rows; Elasticsearch is stopped as soon as it is not needed, for it takes memory."""
    peers = list(find_peers().values())
    arms = all_arms(peers)
    with engines() as found:
        end_to_end = others.end_to_end(found.kafka, found.elasticsearch, options.sustained)
        sink = others.sink(found.elasticsearch, options.rounds)
        found.stop_elasticsearch()
        done = interleaved(found.kafka, arms, options.rounds, options.share)
        shipped = ship.rows(found.kafka, options.rounds)
        state = others.state(found.kafka, options.rounds, options.keys)
        latencies = [*others.latencies(found.kafka, options.seconds), *visible.rows(found.kafka)]
        over_http = intake.rows(found.kafka, options.rounds, intake.SECONDS)
    compared = [*adapters.rows(options.rounds), *speeds(arms, done), *ratios(done, peers)]
    return [*compared, *end_to_end, *sink, *shipped, *state, *latencies, *over_http]


if __name__ == "__main__":
    main()
