"""Limits of the machine, and long runs."""

from __future__ import annotations

import os
import signal
import time

import psutil

from processors.runtime.ending import EXIT_CRASH
from tests.faults.processes import ONE_KILL, RATE, settled
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL
from tests.small_disk import small_disk


@row("19", "No file descriptor left, then no memory left: what ends is started again and goes on")
def limits(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.feed(5_000)
        system.start(*ALL)
        system.drain()
        with system.fed(RATE, at_least=4 * RATE):
            for stage in ALL:
                process = psutil.Process(system.workers.processes[stage].pid)
                hard = process.rlimit(psutil.RLIMIT_NOFILE)[1]
                process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds(), hard))
                time.sleep(1)
                process.rlimit(psutil.RLIMIT_AS, (process.memory_info().vms, -1))
                time.sleep(2)
        for stage in ALL:
            if system.workers.processes[stage].poll() is None:
                system.end(stage, signal.SIGKILL)
            system.start(stage)
        return settled(system, repeats_at_most=4 * len(ALL) * ONE_KILL)


@row("19b", "The disk of the stages is full: logs, crash notes and ports cannot be written")
def full_disk(ground: Ground) -> Verdict:
    with small_disk(ground.home, kib=1_024) as disk, ground.system() as system:
        system.feed(2_000)
        system.start(*ALL)
        system.drain()
        disk.fill()
        system.feed(1_000)
        system.drain()
        assert system.restarts == 0, "what runs needs no disk"
        system.feed_special(crash=True)
        assert system.workers.processes["counting"].wait(60) == EXIT_CRASH
        with system.fed(RATE // 3, at_least=RATE):
            for stage in ("telemetry", "sink-calls"):
                system.end(stage, signal.SIGKILL if ground.full else signal.SIGTERM)
                system.start(stage)
            for _ in range(5):
                time.sleep(1)
                system.revive()
        assert system.behind()["counting"], "what cannot be noted is not given up"
        disk.make_room()
        return settled(system, repeats_at_most=(2 + system.restarts) * ONE_KILL)


@row("23", "A soak: steady load with a fault every half minute; memory and latency are told")
def soak(ground: Ground) -> Verdict:
    faults = int(os.environ.get("SOAK_MINUTES", "10" if ground.full else "2")) * 2
    dice = ground.dice()
    memory: dict[str, list[int]] = {stage: [] for stage in ALL}
    with ground.system() as system:
        system.feed(RATE)
        system.start(*ALL)
        system.drain()
        kills = 0
        with system.fed(RATE // 3):
            for _ in range(faults):
                time.sleep(30)
                for stage in ALL:
                    memory[stage].append(psutil.Process(system.workers.processes[stage].pid).memory_info().rss)
                stage, signum = dice.choice(ALL), dice.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP))
                if signum == signal.SIGSTOP:
                    system.workers.processes[stage].send_signal(signum)
                    time.sleep(dice.uniform(1, 10))
                    system.workers.processes[stage].send_signal(signal.SIGCONT)
                else:
                    system.end(stage, signum)
                    system.start(stage)
                kills += signum == signal.SIGKILL
                system.revive()
        for stage, sizes in memory.items():
            print(f"      {stage}: {sizes[0] >> 20} to {max(sizes) >> 20} MiB, {sizes[-1] >> 20} at the end")  # noqa: T201
        print(f"      behind at the end: {system.behind()}, {system.plan.made} events")  # noqa: T201
        return settled(system, repeats_at_most=faults * ONE_KILL)
