"""Faults of Kafka."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from confluent_kafka.admin import AdminClient

from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import CATALOGUE, GATEWAY
from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.engine import Endpoints
from hypercare.engines.kafka_cluster import KafkaCluster
from hypercare.engines.settings import EngineSettings
from hypercare.settings import Settings
from hypercare.topics import apply_topics
from tests.faults.processes import ONE_KILL, RATE, settled
from tests.faults.protocol_errors import OFFSET_COMMIT, PRODUCE, erring_broker
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, PARTITIONS, System
from tests.scenarios.workers import wait_until


@row("4", "The broker killed and away, then flapping", short=True)
def away(ground: Ground) -> Verdict:
    local = ground.engines.local
    assert local is not None, "only a Kafka that is a process of ours may be killed"
    outages = [8.0, 60.0, 1.0, 1.0, 1.0] if ground.full else [8.0, 1.0]
    with ground.system() as system:
        system.feed(2_000)
        system.start(*ALL)
        for seconds in outages:
            with system.fed(RATE // 2, at_least=RATE):
                time.sleep(ground.dice().uniform(0.5, 2))
                local.kill_one("kafka")
                time.sleep(seconds)
                local.start(QuietProgress())
            system.revive()
        return settled(system, repeats_at_most=len(outages) * 2 * ONE_KILL)


@row("17", "The dead-letter topic is not there: nothing is committed beyond the poison until it is", short=True)
def no_dead_letters(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.plan.poison_share = 0.05
        system.feed(1_000)
        system.start(*ALL)
        system.drain()
        admin = AdminClient({"bootstrap.servers": system.real.kafka})
        topic = system.prefix + GATEWAY.name + DEAD_LETTER_SUFFIX
        kept = system.read(GATEWAY.name + DEAD_LETTER_SUFFIX)
        admin.delete_topics([topic])[topic].result(20)
        system.feed(2_000)
        time.sleep(10)
        assert all(system.behind()[stage] > 0 for stage in ("telemetry", "counting"))
        apply_topics(system.real.kafka, prefix=system.prefix, partitions=PARTITIONS, topics=CATALOGUE)
        recovered = system.drain()
        return Verdict(system.audit(kept_letters=kept), recovered, 4 * ONE_KILL)


@row("5", "Leaders and coordinators change: each of three brokers killed in turn")
def leaders(ground: Ground) -> Verdict:
    home = EngineSettings(home=ground.home / "cluster", cache=Settings().cache)
    with KafkaCluster(home) as cluster, ground.system(kafka=cluster.bootstrap) as system:
        system.feed(2_000)
        system.start(*ALL)
        system.drain()
        nodes = (1, 2, 3) * (2 if ground.full else 1)
        with system.fed(RATE // 3, at_least=RATE):
            for node in nodes:
                time.sleep(ground.dice().uniform(1, 3))
                cluster.kill(node)
                time.sleep(ground.dice().uniform(2, 6))
                cluster.start(node)
        return settled(system, repeats_at_most=len(nodes) * ONE_KILL)


@contextmanager
def behind_proxy(ground: Ground, settings: Mapping[str, str] | None = None) -> Iterator[tuple[Proxy, System]]:
    """A system with a Kafka of its own; its stages, and nobody else, reach that through the proxy. All have worked."""
    home = EngineSettings(home=ground.home / "cluster", cache=Settings().cache)
    with proxy_to("tcp://127.0.0.1:1") as proxy, KafkaCluster(home, nodes=1, told={1: proxy.port}) as cluster:
        proxy.upstream = ("127.0.0.1", cluster.side_door(1))
        through = Endpoints(f"127.0.0.1:{proxy.port}", ground.engines.endpoints.elasticsearch)
        with ground.system(kafka=cluster.bootstrap, through=through, settings=settings) as system:
            system.feed(2_000)
            system.start(*ALL)
            system.drain()
            yield proxy, system


@row("4b", "Between stages and Kafka: slow, narrow, cut, replies cut short or lost, a black hole")
def bad_line(ground: Ground) -> Verdict:
    with behind_proxy(ground) as (proxy, system):
        with system.fed(RATE // 4, at_least=RATE):
            for fault in (slow, narrow, cut, short_replies, lost_replies, black_hole) * (3 if ground.full else 1):
                fault(proxy, ground.dice())
                system.revive()
        return settled(system, repeats_at_most=(1 + system.restarts) * ONE_KILL)


def slow(proxy: Proxy, dice: random.Random) -> None:
    """Every reply is late."""
    proxy.latency_s = dice.uniform(0.2, 0.5)
    time.sleep(8)
    proxy.latency_s = 0.0


def narrow(proxy: Proxy, dice: random.Random) -> None:
    """Less passes than is fed in."""
    proxy.bytes_per_second = dice.uniform(20_000, 60_000)
    time.sleep(8)
    proxy.bytes_per_second = 0.0


def cut(proxy: Proxy, dice: random.Random) -> None:
    """All connections are reset, again and again."""
    for _ in range(5):
        proxy.reset()
        time.sleep(dice.uniform(0.2, 2))


def short_replies(proxy: Proxy, dice: random.Random) -> None:
    """Replies end in the middle, with the connection."""
    proxy.reset_replies = dice.randint(5, 15)
    wait_until(lambda: proxy.reset_replies == 0, 60)


def lost_replies(proxy: Proxy, dice: random.Random) -> None:
    """What was asked for was done, and nobody hears of it."""
    proxy.lose_replies = dice.randint(5, 15)
    wait_until(lambda: proxy.lose_replies == 0, 60)


def black_hole(proxy: Proxy, dice: random.Random) -> None:
    """Nothing arrives any more, for longer than a session."""
    proxy.black_hole = True
    time.sleep(dice.uniform(7, 15))
    proxy.black_hole = False


RETRIABLE = (6, 7, 19, 20, 5, 3)
"""Not the leader, timed out, too few replicas before and after the append, no leader, unknown topic."""
FATAL_TO_THE_PRODUCER = (45, 59, 29)
"""Out of order sequence number, unknown producer id, topic authorization failed."""


@row("6", "Produce requests answered with errors, retriable and fatal")
def produce_errors(ground: Ground) -> Verdict:
    with erring_broker() as broker, ground.system(kafka=broker.bootstrap, prepare=broker.create) as system:
        system.feed(500)
        system.start("telemetry", "sink-calls")
        for errors in (RETRIABLE, RETRIABLE * 3, *((error,) for error in FATAL_TO_THE_PRODUCER)):
            system.drain()
            stage = system.workers.processes["telemetry"]
            stage.send_signal(signal.SIGSTOP)  # else the errors would hit who feeds it
            system.feed(500)
            broker.answer(PRODUCE, errors)
            stage.send_signal(signal.SIGCONT)
        return settled(system, repeats_at_most=(2 + len(FATAL_TO_THE_PRODUCER)) * ONE_KILL)


COMMIT_ERRORS = (14, 16, 15, 7, 27, 22, 25)
"""Coordinator loading, not the coordinator, not available, timed out, rebalance, illegal generation, unknown member."""


@row("7", "Offset commits answered with errors")
def commit_errors(ground: Ground) -> Verdict:
    with erring_broker() as broker, ground.system(kafka=broker.bootstrap, prepare=broker.create) as system:
        system.feed(500)
        system.start("telemetry", "sink-calls")
        for error in COMMIT_ERRORS:
            system.drain()
            broker.answer(OFFSET_COMMIT, [error] * 3)
            system.feed(500)
        return settled(system, repeats_at_most=len(COMMIT_ERRORS) * ONE_KILL)
