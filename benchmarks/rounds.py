"""Every arm in turn, round after round, each on fresh topics and in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.events import fill
from benchmarks.outputs import distinct_outputs
from benchmarks.peers.environment import PYTHON, Peer
from contracts.topics import CALLS, GATEWAY
from hypercare.topics import apply_topics

ARM_TIMEOUT_S = 300
PARTITIONS = 4


@dataclass(frozen=True, slots=True)
class Arm:
    """One way to do the work; ``outputs`` tells whether all of them have to be there when it ends."""

    name: str
    title: str
    events: int
    command: tuple[str, ...]
    outputs: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one arm."""

    per_cpu_s: float
    per_s: float
    settings: str = ""


Rounds = dict[str, list[Round]]


def all_arms(peers: Sequence[Peer]) -> list[Arm]:
    """Ours first, then the peers that are there.

    The naive agent ends before its last outputs are delivered, because it does not wait for them. Our stage runs a
    second time with the peers' libraries, to show what those alone change.
    """
    arms = [
        _ours("rules", "(r) the rules alone", 100_000, outputs=False),
        _ours("plain", "(a) plain confluent-kafka loop", 100_000),
        _ours("stage", "(b) our stage", 100_000),
        _ours("naive", "(c) naive Faust agent", 20_000, outputs=False),
        _ours("careful", "(d) Faust agent waiting for delivery", 3_000),
    ]
    here = [
        Arm(peer.name, f"({peer.name}) {peer.version}", 100_000, (str(PYTHON), "-m", "benchmarks.peers", peer.name))
        for peer in peers
        if not peer.why
    ]
    again = Arm(
        "stage_there",
        "(b) with the libraries of the peers",
        100_000,
        (str(PYTHON), "-m", "benchmarks.arms", "stage"),
    )
    return [*arms, *here, *([again] if here else [])]


def _ours(name: str, title: str, events: int, *, outputs: bool = True) -> Arm:
    return Arm(name, title, events, (sys.executable, "-m", "benchmarks.arms", name), outputs)


def interleaved(bootstrap: str, arms: Sequence[Arm], rounds: int, share: float = 1.0) -> Rounds:
    """Rounds by arm; interleaved, so that a slow minute of the machine hits all of them."""
    done: Rounds = {arm.name: [] for arm in arms}
    for number in range(rounds):
        for arm in arms:
            last = one_round(bootstrap, arm, int(arm.events * share))
            done[arm.name].append(last)
            print(
                f"round {number + 1} {arm.title:<36} {last.per_cpu_s:>9,.0f} /CPU-s {last.per_s:>9,.0f} /s"
                f"{'' if number else '   ' + last.settings}",
                flush=True,
            )
    return done


def one_round(bootstrap: str, arm: Arm, events: int) -> Round:
    """Fill fresh topics, let the arm empty them, and see that its outputs are there."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}-"
    apply_topics(bootstrap, prefix=prefix, partitions=PARTITIONS)
    fill(bootstrap, prefix + GATEWAY.name, events, seed=int(time.time()))
    with tempfile.TemporaryDirectory(prefix="hypercare-arm-") as folder:
        command = [*arm.command, bootstrap, prefix, str(events), folder]
        finished = subprocess.run(command, capture_output=True, text=True, timeout=ARM_TIMEOUT_S, check=False)
    lines = [line for line in finished.stdout.splitlines() if '{"events"' in line]
    if not lines:
        raise SystemExit(f"{arm.name} gave no figures:\n{finished.stderr[-2000:]}")
    if arm.outputs and (found := distinct_outputs(bootstrap, prefix + CALLS.name)) != events:
        raise SystemExit(f"{arm.name} wrote {found} of {events} outputs:\n{finished.stderr[-2000:]}")
    said = json.loads(lines[-1][lines[-1].index("{") :])  # Faust draws on the same line
    return Round(said["events"] / said["cpu_s"], said["events"] / said["wall_s"], said["settings"])
