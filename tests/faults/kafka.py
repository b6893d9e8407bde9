"""Faults of Kafka."""

from __future__ import annotations

import time

from confluent_kafka.admin import AdminClient

from contracts.topics import CATALOGUE, DEAD_LETTER_SUFFIX, GATEWAY
from hypercare.engines.console_progress import QuietProgress
from hypercare.topics import apply_topics
from tests.faults.processes import ONE_KILL, RATE, settled
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, PARTITIONS


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
