"""How fast a raw line becomes a validated call: every adapter on its sample, beside `json.loads` of the same lines.

In CPU time of one process, adapters and rounds in turn, so that a busy machine disturbs all alike. The lines differ
in what changes from call to call (the time, an id in the path), so that no cache knows them. ``python -m
benchmarks.adapters`` runs it by itself and says where the time goes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from benchmarks.rows import Row, median_of, show
from contracts.errors import Rejected, Stop
from contracts.event import Event
from producers.adapters.adapter import CallAdapter, Place, line_id, validated_call
from producers.adapters.detect import CALL_ADAPTERS, detect

SAMPLES = Path(__file__).parents[1] / "tests" / "unit" / "producers" / "samples"
LINES = 4_000
JSON_AIM, TEXT_AIM = 100_000.0, 150_000.0
"""Calls a CPU second that are aimed at, and not reached: validation and the id of a call, which no adapter can save,
take about 5 µs, a third to a half of what the aims allow. The rest is twenty to forty fields, half a microsecond each,
every one of which may be there in several types, or not; `shares` says how much each part is."""
PLACE = Place("bench.log", 1)


class Arm(NamedTuple):
    """An adapter and the lines it reads."""

    adapter: CallAdapter
    lines: list[bytes]

    @property
    def is_json(self) -> bool:
        return self.lines[0].startswith(b"{")


def arms() -> list[Arm]:
    """Every adapter with the first good line of its sample, many times over."""
    found = []
    for adapter in CALL_ADAPTERS:
        line = next(line for line in _sample_lines() if _is_read(adapter, line))
        found.append(Arm(adapter, [_varied(line, number) for number in range(LINES)]))
    return found


def rows(rounds: int) -> list[Row]:
    """Calls a CPU second of each adapter, and how many times the cost of `json.loads` a JSON call takes."""
    per_second: dict[str, list[float]] = defaultdict(list)
    ratios: dict[str, list[float]] = defaultdict(list)
    every = arms()
    for _ in range(rounds):
        for arm in every:
            parse = arm.adapter.parse
            took = _cpu_seconds(arm.lines, lambda line, parse=parse: parse(line, PLACE))  # type: ignore[misc]
            per_second[arm.adapter.name].append(len(arm.lines) / took)
            if arm.is_json:
                ratios[arm.adapter.name].append(took / _cpu_seconds(arm.lines, json.loads))
    made = []
    for arm in every:
        name, aim = arm.adapter.name, JSON_AIM if arm.is_json else TEXT_AIM
        made.append(Row(f"adapter {name}, median", statistics.median(per_second[name]), "calls/CPU-s", aim=aim))
        if arm.is_json:
            made += median_of(f"adapter {name} over json.loads", ratios[name])
    return made


def shares() -> list[Row]:
    """Where the time goes that no adapter can save: parsing with orjson, the id, validation."""
    made = []
    for arm in arms():
        calls = [arm.adapter.parse(line, PLACE) for line in arm.lines]
        said = iter([_fields(call) for call in calls])
        moments = iter([call.occurred_at for call in calls])
        whole = _cpu_seconds(arm.lines, lambda line, arm=arm: arm.adapter.parse(line, PLACE))  # type: ignore[misc]
        parts: dict[str, Callable[[bytes], object]] = {
            "id": lambda line, moments=moments: line_id(line, PLACE, next(moments)),  # type: ignore[misc]
            "validation": lambda _, said=said: validated_call(next(said), PLACE),  # type: ignore[misc]
        }
        if arm.is_json:
            parts["orjson"] = orjson.loads
        for name, part in parts.items():
            made.append(Row(f"adapter {arm.adapter.name}, {name}", _cpu_seconds(arm.lines, part) / whole, "share"))
    return made


def _fields(call: Event) -> dict[str, object]:
    """What an adapter would say to make this call."""
    return {**orjson.loads(call.encode()), "occurred_at": call.occurred_at}


def _cpu_seconds(lines: Sequence[bytes], read: Callable[[bytes], object]) -> float:
    before = time.process_time()
    for line in lines:
        read(line)
    return time.process_time() - before


def _sample_lines() -> list[bytes]:
    files = sorted(file for file in SAMPLES.iterdir() if file.suffix in {".ndjson", ".log"})
    return [line for file in files for line in file.read_bytes().split(b"\n") if line]


def _is_read(adapter: CallAdapter, line: bytes) -> bool:
    try:
        return detect([line], "sample").adapter is adapter and adapter.parse(line, PLACE) is not None
    except (Rejected, Stop):
        return False


def _varied(line: bytes, number: int) -> bytes:
    """The line at another time, for another order."""
    line = line.replace(b"/orders", f"/orders/{number}".encode(), 1)
    return line.replace(b"1781514000", str(1_781_514_000 + number).encode(), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    for row in [*rows(parser.parse_args().rounds), *shares()]:
        print(show(row))


if __name__ == "__main__":
    main()
