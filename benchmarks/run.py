"""Run every arm in turn, round after round, on a real local broker, and report medians, spread and ratios."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.events import fill
from benchmarks.latency import latency_ms
from contracts.topics import GATEWAY
from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.local import LocalEngines
from hypercare.settings import read_settings
from hypercare.topics import apply_topics

EVENTS = {"rules": 100_000, "plain": 100_000, "stage": 100_000, "naive": 20_000, "careful": 3_000}
ARM_TIMEOUT_S = 180
PARTITIONS = 4
TITLES = {
    "rules": "(r) the rules alone",
    "plain": "(a) plain confluent-kafka loop",
    "stage": "(b) our stage",
    "naive": "(c) naive Faust agent",
    "careful": "(d) Faust agent waiting for delivery",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; ``must`` is the least (or, for latencies, the most) that is acceptable, ``aim`` what is wanted."""

    name: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one arm."""

    per_cpu_s: float
    per_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seconds", type=int, default=15, help="length of each latency run")
    options = parser.parse_args()
    with broker() as bootstrap:
        rows = throughput(bootstrap, options.rounds) + latencies(bootstrap, options.seconds)
    for row in rows:
        wanted = f"   must {row.must:g}" if row.must is not None else ""
        print(f"{row.name:<58} {row.value:>12,.2f} {row.unit:<16}{wanted}{'' if row.ok else '   NOT MET'}")
    if options.out:
        options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


@contextmanager
def broker() -> Iterator[str]:
    """The Kafka of the settings, or a local one for the time of the run."""
    settings = read_settings()
    if settings.kafka:
        yield settings.kafka
        return
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-") as home:
        Path(home).chmod(0o755)
        engines = LocalEngines(settings.model_copy(update={"home": Path(home)}).for_engines())
        try:
            kafka = engines.start(QuietProgress()).kafka
            engines.stop_one("elasticsearch")  # not needed here, and it takes memory
            yield kafka
        finally:
            engines.stop()


def throughput(bootstrap: str, rounds: int) -> list[Row]:
    """Arms interleaved, so that a slow minute of the machine hits all of them."""
    done: dict[str, list[Round]] = {arm: [] for arm in EVENTS}
    for number in range(rounds):
        for arm in EVENTS:
            done[arm].append(one_round(bootstrap, arm))
            last = done[arm][-1]
            print(
                f"round {number + 1} {TITLES[arm]:<34} {last.per_cpu_s:>9,.0f} /CPU-s {last.per_s:>9,.0f} /s",
                flush=True,
            )
    rows = []
    for arm, title in TITLES.items():
        for unit, figures in (
            ("events/CPU-s", [r.per_cpu_s for r in done[arm]]),
            ("events/s", [r.per_s for r in done[arm]]),
        ):
            rows.append(Row(f"{title}, median", statistics.median(figures), unit))
            rows.append(Row(f"{title}, spread (max - min) / median", spread(figures), "share"))
    return rows + ratios(done)


def ratios(done: dict[str, list[Round]]) -> list[Row]:
    """Round by round, then median, lowest and highest; each with what is expected of it."""
    rounds = [dict(zip(done, one, strict=True)) for one in zip(*done.values(), strict=True)]
    return [
        *_ratio("(b)/(a) per CPU-second", [r["stage"].per_cpu_s / r["plain"].per_cpu_s for r in rounds], 0.85, 0.92),
        *_ratio("(b)/(a) per second", [r["stage"].per_s / r["plain"].per_s for r in rounds]),
        *_ratio("(b)/(c) per CPU-second", [r["stage"].per_cpu_s / r["naive"].per_cpu_s for r in rounds], 15, 20),
        *_ratio("(b)/(d) per CPU-second", [r["stage"].per_cpu_s / r["careful"].per_cpu_s for r in rounds]),
        *_ratio("(c) over (b), cost beyond the rules", [_beyond(r, "naive") / _beyond(r, "stage") for r in rounds]),
        *_ratio("(d) over (b), cost beyond the rules", [_beyond(r, "careful") / _beyond(r, "stage") for r in rounds]),
    ]


def _beyond(one: dict[str, Round], arm: str) -> float:
    """CPU seconds an event that an arm spends on everything but the rules; at least a microsecond."""
    return max(1e-6, 1 / one[arm].per_cpu_s - 1 / one["rules"].per_cpu_s)


def _ratio(name: str, figures: list[float], must: float | None = None, aim: float | None = None) -> list[Row]:
    median = statistics.median(figures)
    return [
        Row(f"{name}, median", median, "ratio", must, aim, must is None or median >= must),
        Row(f"{name}, lowest round", min(figures), "ratio"),
        Row(f"{name}, highest round", max(figures), "ratio"),
    ]


def spread(figures: list[float]) -> float:
    """Width of the figures as a share of their median."""
    return (max(figures) - min(figures)) / statistics.median(figures)


def one_round(bootstrap: str, arm: str) -> Round:
    """Fill fresh topics, then let the arm empty them."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}-"
    apply_topics(bootstrap, prefix=prefix, partitions=PARTITIONS)
    fill(bootstrap, prefix + GATEWAY.name, EVENTS[arm], seed=int(time.time()))
    with tempfile.TemporaryDirectory(prefix="hypercare-arm-") as folder:
        command = [sys.executable, "-m", "benchmarks.arms", arm, bootstrap, prefix, str(EVENTS[arm]), folder]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=ARM_TIMEOUT_S, check=False)
    lines = [line for line in finished.stdout.splitlines() if '{"events"' in line]
    if not lines:
        raise SystemExit(f"{arm} gave no figures:\n{finished.stderr[-2000:]}")
    said = json.loads(lines[-1][lines[-1].index("{") :])  # Faust draws on the same line
    return Round(said["events"] / said["cpu_s"], said["events"] / said["wall_s"])


def latencies(bootstrap: str, seconds: int) -> list[Row]:
    """Call sent → enriched call read, with the stage alone on the machine beside the broker."""
    rows = []
    for rate in (1_000, 5_000):
        found = latency_ms(bootstrap, rate, seconds)
        for share in (50, 95, 99):
            value = found[min(len(found) - 1, len(found) * share // 100)]
            rows.append(
                Row(f"call to enriched call at {rate:,}/s, p{share}", value, "ms", aim=50 if share == 99 else None)
            )
    return rows


if __name__ == "__main__":
    main()
