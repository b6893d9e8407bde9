"""Faults of our own processes: killed, stopped, frozen, joined by others, given poison."""

from __future__ import annotations

import itertools
import signal
import time
from collections import Counter

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import GATEWAY
from processors.runtime import fail_points
from processors.runtime.ending import EXIT_CRASH
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, PARTITIONS, System
from tests.scenarios.workers import wait_until

RATE = 3_000
ONE_KILL = 2 * RATE
"""What a killed worker may do again: a second between commits and what was in flight, with room for a slow machine."""
FAIL_POINTS = {
    fail_points.BEFORE_WRITE: ("telemetry", "sink-calls"),
    fail_points.BEFORE_ACK: ("telemetry", "sink-calls"),
    fail_points.SUMS_WRITTEN: ("telemetry",),
    fail_points.BULK_ANSWERED: ("sink-calls",),
    fail_points.EPOCH_BEGUN: ("counting",),
    fail_points.EPOCH_WRITTEN: ("counting",),
    fail_points.EPOCH_COMMITTED: ("counting",),
}


def settled(system: System, *, repeats_at_most: int, missing: int = 0) -> Verdict:
    """Drain and audit."""
    recovered = system.drain()
    return Verdict(system.audit(), recovered, repeats_at_most, missing)


@row("1", "SIGKILL at random moments", short=True)
def sigkill(ground: Ground) -> Verdict:
    dice, kills = ground.dice(), 20 if ground.full else 6
    with ground.system() as system:
        system.start(*ALL)
        with system.fed(RATE, at_least=RATE):
            for stage in itertools.islice(itertools.cycle(ALL), kills):
                time.sleep(dice.uniform(0.5, 3.0))
                assert system.end(stage, signal.SIGKILL) == -signal.SIGKILL
                system.start(stage)
        return settled(system, repeats_at_most=kills * ONE_KILL)


@row(
    "1b",
    "SIGKILL at fail points: before a write, between answer and commit, around a transaction",
    short=True,
)
def fail_point(ground: Ground) -> Verdict:
    dice, rounds = ground.dice(), 4 if ground.full else 1
    died = 0
    with ground.system() as system:
        system.feed(500)
        system.start(*ALL)
        for point, stages in list(FAIL_POINTS.items()) * rounds:
            for stage in stages:
                system.end(stage, signal.SIGTERM)
                system.start(stage, **{fail_points.VARIABLE: f"{point}:{dice.randint(1, 4)}"})
                process = system.workers.processes.pop(stage)
                while process.poll() is None:
                    system.feed(300)
                    time.sleep(0.2)
                assert process.returncode == -signal.SIGKILL, system.workers.log_of(stage)[-2000:]
                died += 1
                system.start(stage)
        return settled(system, repeats_at_most=died * ONE_KILL)


@row("1c", "A state of a million keys: killed while it is taken over, and around transactions")
def large_state(ground: Ground) -> Verdict:
    dice, keys, kills = ground.dice(), 1_000_000 if ground.full else 50_000, 8
    points = (fail_points.EPOCH_BEGUN, fail_points.EPOCH_WRITTEN, fail_points.EPOCH_COMMITTED)
    with ground.system(settings={"HYPERCARE_RUN_RECORDS": "500"}) as system:
        system.plan.keys = 10 * keys  # nearly every event has a key of its own
        system.start("counting")
        while system.plan.made < keys * 1.1:
            system.feed(keys // 10)
        system.drain(600)
        with system.fed(RATE // 3, at_least=RATE):
            system.end("counting", signal.SIGKILL)
            for number in range(kills):
                if number % 2:
                    system.start("counting")
                    time.sleep(dice.uniform(1, 8))  # a start and a takeover take about as long
                else:
                    at = f"{points[number // 2 % 3]}:{dice.randint(1, 4)}"
                    system.start("counting", **{fail_points.VARIABLE: at})
                    wait_until(lambda: system.workers.processes["counting"].poll() is not None, 120)
                system.end("counting", signal.SIGKILL)
            system.start("counting")
        assert len(system.totals()) >= keys
        return settled(system, repeats_at_most=0)


@row("2", "SIGTERM under load", short=True)
def sigterm(ground: Ground) -> Verdict:
    with ground.system(settings={"HYPERCARE_RUN_RECORDS": "50"}) as system:
        system.feed(3 * RATE)
        system.start(*ALL)
        with system.fed(RATE):
            for stage in ALL * (3 if ground.full else 1):
                system.wait_owning(stage)
                time.sleep(ground.dice().uniform(0.5, 2))
                system.end_cleanly(stage, timeout_s=30)
                system.start(stage)
        return settled(system, repeats_at_most=0)


@row("3", "SIGSTOP past the session timeout, then SIGCONT: a zombie", short=True)
def zombie(ground: Ground) -> Verdict:
    stages = ("telemetry", "counting")
    with ground.system() as system:
        system.start(*(f"{stage}@one" for stage in stages), "sink-calls")
        with system.fed(RATE // 3, at_least=RATE):
            time.sleep(4)
            for stage in stages:
                system.start(f"{stage}@two")
                system.workers.processes[f"{stage}@one"].send_signal(signal.SIGSTOP)
            time.sleep(12)
            for stage in stages:
                system.workers.processes[f"{stage}@one"].send_signal(signal.SIGCONT)
            time.sleep(6)
        return settled(system, repeats_at_most=2 * ONE_KILL)


@row("8", "Workers join, leave and crash; three are restarted one after the other", short=True)
def rebalance(ground: Ground) -> Verdict:
    names = [f"{stage}@{n}" for n in ("a", "b", "c") for stage in ("telemetry", "counting")]
    with ground.system() as system:
        system.start("sink-calls", *names[:2])
        with system.fed(RATE // 2, at_least=RATE):
            for name in names[2:]:
                system.start(name)
                time.sleep(2)
            for number, name in enumerate(names):
                system.wait_begun(name)
                crash = number % 3 == 2
                code = system.end(name, signal.SIGKILL if crash else signal.SIGTERM)
                assert code == (-signal.SIGKILL if crash else 0), (name, code, system.workers.log_of(name)[-2_000:])
                system.start(name)
                time.sleep(2 if ground.full else 1)
            for name in names[2:4]:
                system.wait_begun(name)
                system.end_cleanly(name)
        return settled(system, repeats_at_most=len(names) * ONE_KILL)


@row("9", "Records deleted before they were read: the gap is announced, and it is all that is missing", short=True)
def gap(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.feed(2_000)
        system.start(*ALL)
        system.drain()
        for stage in ("telemetry", "counting"):
            system.end_cleanly(stage)
        system.feed(4_000)
        before = system.read(GATEWAY.name)
        committed = system.committed("telemetry")
        waiting = Counter(
            message.partition() for message in before if message.offset() >= committed[message.partition()]
        )
        dice = ground.dice()
        cuts = {number: committed[number] + dice.randrange(1, count) for number, count in waiting.items()}
        admin = AdminClient({"bootstrap.servers": system.real.kafka})
        places = [TopicPartition(system.prefix + GATEWAY.name, number, offset) for number, offset in cuts.items()]
        for future in admin.delete_records(places).values():
            future.result(20)
        system.start("telemetry", "counting")
        recovered = system.drain()
        lost = {(n, o) for n, cut in cuts.items() for o in range(committed[n], cut)}
        announced = set()
        for letter in system.read(GATEWAY.name + DEAD_LETTER_SUFFIX):
            said = dict(letter.headers())
            if said["dlq.reason"] == b"gap" and said["dlq.stage"] == b"telemetry":
                _, begin, _, end, *_ = said["dlq.detail"].decode().split()
                announced |= {(int(said["dlq.partition"]), n) for n in range(int(begin), int(end) + 1)}
        assert announced == lost, "the gap that is announced is the gap that there is"
        return Verdict(system.audit(history=before, lost=lost), recovered, ONE_KILL)


@row("10", "Poison of every kind, and an event at which a rule raises after it has changed state", short=True)
def poison(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.plan.poison_share = 0.15  # fewer than stop a stage, in whatever order partitions are read
        system.feed(6_000)
        system.plan.poison_share = 0.01
        system.feed_special(crash=True)
        system.feed(100)
        system.feed_special(crash=True)
        system.start("telemetry", "sink-calls")
        system.drain()
        system.start("counting")
        crashes = 0
        while crashes < 4 and system.workers.processes["counting"].wait(60) == EXIT_CRASH:
            crashes += 1
            system.start("counting")
        assert crashes == 4, "two exits at each of two records"
        system.feed(1_000)
        return settled(system, repeats_at_most=ONE_KILL)


@row("11", "One event that takes longer than a session", short=True)
def slow_event(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.feed(1_000)
        system.feed_special(slow=9.0)
        system.feed(1_000)
        system.start(*ALL)
        verdict = settled(system, repeats_at_most=0)
        assert system.restarts == 0
        return verdict


@row("15", "Everything replayed, in another order")
def replayed(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.feed(5_000)
        system.start(*ALL)
        system.drain()
        for stage in ALL:
            system.end_cleanly(stage)
        for stage in ("sink-calls", "telemetry", "counting"):
            for number in ground.dice().sample(range(PARTITIONS), PARTITIONS):
                system.rewind(stage, number)
        system.start(*ALL)
        return settled(system, repeats_at_most=2 * len(system.read(GATEWAY.name)))
