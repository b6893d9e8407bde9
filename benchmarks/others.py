"""Figures that are not about throughput of the stage: end to end, the sink, state and latency."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.latency import latency_ms
from benchmarks.rows import Row, absent, at_least, at_most, median_of

TIMEOUT_S = 1_800
SINK = "sink, CPU a document, ours / async_streaming_bulk"


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


def sink(elasticsearch: str, rounds: int) -> list[Row]:
    """What a document costs the client, against the bulk helper of the same client library."""
    if not elasticsearch:
        return [absent(SINK, "set HYPERCARE_ELASTICSEARCH too", "ratio", 0.1)]
    said = _measured("benchmarks.sink", elasticsearch, "--rounds", str(rounds))
    ours, ready, helper, helped = (said[name] for name in ("ours", "ours_ready", "helper", "helper_ready"))
    return [
        *median_of("sink, ours, from objects", ours, unit="µs/document"),
        *median_of("sink, async_streaming_bulk, from objects", helper, unit="µs/document"),
        *median_of("sink, ours, from encoded documents", ready, unit="µs/document"),
        *median_of("sink, async_streaming_bulk, from encoded documents", helped, unit="µs/document"),
        *at_most(SINK, [a / b for a, b in zip(ours, helper, strict=True)], 0.1),
        *median_of(f"{SINK}, both encoded", [a / b for a, b in zip(ready, helped, strict=True)]),
        Row("sink, size of a document, mean", said["bytes"], "bytes"),
    ]


def end_to_end(kafka: str, elasticsearch: str, seconds: int) -> list[Row]:
    """What becomes searchable, and where the time goes."""
    name = "end to end, calls that become searchable"
    if not elasticsearch:
        return [absent(name, "set HYPERCARE_ELASTICSEARCH too", "calls/s")]
    said = _measured("benchmarks.end_to_end", kafka, elasticsearch, "--seconds", str(seconds))
    return [
        Row(f"{name}, mean of {said['seconds']:.0f} s", said["per_s"], "calls/s"),
        Row(f"{name}, slowest slice", min(said["slices"]), "calls/s"),
        Row(f"{name}, fastest slice", max(said["slices"]), "calls/s"),
        Row("end to end, share of the machine that was busy", said["busy"], "share"),
        Row("end to end, share of the machine that was busy with this", said["ours"], "share"),
        Row("end to end, CPU a call", sum(said["cpu_us"].values()), "µs"),
        *(Row(f"end to end, CPU a call: {who}", us, "µs") for who, us in said["cpu_us"].items()),
        *(Row(f"end to end, memory: {who}", size, "MB") for who, size in said["memory_mb"].items()),
        *(
            Row(f"end to end, {stage} at work in {part}", share, "share")
            for stage, shares in said["parts"].items()
            for part, share in shares.items()
        ),
    ]


def state(bootstrap: str, rounds: int, keys: int) -> list[Row]:
    """What a stage with much state costs: to take it over, and to work with it."""
    command = ("benchmarks.state", bootstrap, "--rounds", str(rounds), "--keys", str(keys))
    counting, of_calls = _measured(*command), _measured(*command, "--calls")
    return [
        *at_most(f"state, restore of {keys:,} keys", counting["restore_s"], 10, unit="s"),
        *_by_size("state, a stage that counts", keys, counting),
        *_by_size("state, a stage that reads calls, counts them and passes them on", keys, of_calls),
    ]


def _by_size(name: str, keys: int, said: dict[str, list[float]]) -> list[Row]:
    shares = [many / few for many, few in zip(said["many_per_cpu_s"], said["few_per_cpu_s"], strict=True)]
    return [
        *median_of(f"{name}, ten thousand keys", said["few_per_cpu_s"], unit="events/CPU-s"),
        *median_of(f"{name}, {keys:,} keys", said["many_per_cpu_s"], unit="events/CPU-s"),
        *at_least(f"{name}, {keys:,} keys / ten thousand keys per CPU-second", shares, 0.9),
    ]


def _measured(module: str, *arguments: str) -> dict[str, Any]:
    """What a benchmark prints as its last line, run as a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    if done.returncode:
        raise SystemExit(f"{module} failed:\n{done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
