"""Faults of Elasticsearch and of the way to it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psutil

from contracts.topic import DEAD_LETTER_SUFFIX
from contracts.topics import CALLS
from hypercare.engines.console_progress import QuietProgress
from processors.runtime.ending import EXIT_PERSON
from sinks.elasticsearch.access import Access
from tests.faults.interposer import Interposer, interposed
from tests.faults.processes import RATE, settled
from tests.faults.proxy import proxy_to
from tests.faults.row import Ground, Verdict, row
from tests.faults.system import ALL, System
from tests.scenarios.workers import wait_until

MIB = 1_048_576
FLOOD_BLOCK = "read_only_allow_delete"


@row("12", "Elasticsearch killed and away", short=True)
def away(ground: Ground) -> Verdict:
    local = ground.engines.local
    assert local is not None, "only an Elasticsearch that is a process of ours may be killed"
    with ground.system() as system:
        system.feed(2_000)
        system.start(*ALL)
        with system.fed(RATE // 2, at_least=RATE):
            system.wait_owning("sink-calls")  # one that starts while it is away says so and ends
            local.kill_one("elasticsearch")
            time.sleep(60 if ground.full else 5)
            local.start(QuietProgress())
        system.assert_alive("sink-calls")
        return settled(system, repeats_at_most=0)


@row("12b", "Replies cut in the middle, and replies lost after what they say was done", short=True)
def replies(ground: Ground) -> Verdict:
    with proxy_to(ground.engines.endpoints.elasticsearch) as proxy:
        through = dataclasses.replace(ground.engines.endpoints, elasticsearch=proxy.url)
        with ground.system(through=through) as system:
            system.feed(500)
            system.start(*ALL)
            with system.fed(RATE // 2, at_least=RATE):
                for _ in range(10 if ground.full else 4):
                    proxy.reset_replies = ground.dice().randint(1, 4)
                    time.sleep(1)
                    proxy.lose_replies = ground.dice().randint(1, 4)
                    time.sleep(1)
                proxy.black_hole = True
                time.sleep(5)
                proxy.black_hole = False
            verdict = settled(system, repeats_at_most=0)
            assert proxy.reset_replies == proxy.lose_replies == 0, "they did happen"
            return verdict


@row("13", "429, 503 and 413 to whole requests; 429 and 503 to some documents", short=True)
def refusals(ground: Ground) -> Verdict:
    with interposed(ground.engines.endpoints.elasticsearch, ground.seed) as front, through(ground, front) as system:
        system.start(*ALL)
        with system.fed(RATE // 2, at_least=2 * RATE):
            front.answers.extend([429, 503, 0, 429, 502, 504, 0, 503])
            wait_until(lambda: not front.answers, 60)
            front.max_documents = 37
            wait_until(lambda: front.given.count(413) > 3, 60)
            front.max_documents = 0
            for status in (429, 503):
                front.item_status, front.item_share = status, 0.2
                given = len(front.given)
                wait_until(lambda given=given: len(front.given) > given + 20, 60)  # type: ignore[misc]
            front.item_status = 0
        return settled(system, repeats_at_most=0)


@row("14", "A mapping conflict on some documents of each thousand", short=True)
def conflict(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.plan.poison_share = 0
        system.feed(500)
        system.start(*ALL)
        system.drain()
        index = f"logs-hypercare.calls-default.{system.plan.run}"
        client = Access(system.real.elasticsearch).client()
        try:
            client.indices.put_mapping(index=index, properties={"planted": {"type": "long"}})
            system.end_cleanly("sink-calls")
            with interposed(ground.engines.endpoints.elasticsearch, ground.seed) as front:
                front.spoil_every = 97
                system.workers.endpoints = dataclasses.replace(system.real, elasticsearch=front.url)
                system.start("sink-calls")
                system.feed(3_000)
                recovered = system.drain()
                spoiled = set(front.spoiled)
        finally:
            client.close()
        letters = system.read(CALLS.name + DEAD_LETTER_SUFFIX)
        reasons = {dict(letter.headers())["dlq.reason"] for letter in letters}
        assert len(letters) == len(spoiled) > 20, "a dead letter for each"
        assert reasons == {b"elasticsearch_document_parsing_exception"}, reasons
        return Verdict(system.audit(), recovered, 0, missing=len(spoiled))


@row(
    "16",
    "401, 403, a read-only index: the sink stops, skips nothing, goes on when it is mended",
    short=True,
)
def refused(ground: Ground) -> Verdict:
    with interposed(ground.engines.endpoints.elasticsearch, ground.seed) as front, through(ground, front) as system:
        system.feed(1_000)
        system.start(*ALL)
        system.drain()
        client = Access(system.real.elasticsearch).client()
        index = f"logs-hypercare.calls-default.{system.plan.run}"
        try:
            for fault in (401, 403, "read_only"):
                if fault == "read_only":
                    client.indices.put_settings(index=index, settings={"index.blocks.write": True})
                else:
                    front.always = int(fault)
                system.feed(1_000)
                process = system.workers.processes.pop("sink-calls")
                assert process.wait(60) == EXIT_PERSON, fault
                assert system.behind()["sink-calls"] > 0
                front.always = 0
                client.indices.put_settings(index=index, settings={"index.blocks.write": None})
                system.start("sink-calls")
                system.drain()
        finally:
            client.close()
        return settled(system, repeats_at_most=0)


@row(
    "16b",
    "Elasticsearch's disk at its flood stage: it blocks every index itself; the sink waits and goes on",
    short=True,
)
def flooded(ground: Ground) -> Verdict:
    with ground.system() as system:
        system.feed(1_000)
        system.start(*ALL)
        system.drain()
        client = Access(system.real.elasticsearch).client()
        process = system.workers.processes["sink-calls"]
        index = f"logs-hypercare.calls-default.{system.plan.run}"
        try:
            with full_disk(client):
                wait_until(lambda: FLOOD_BLOCK in blocks(client, index), 120, lambda: "no block on a full disk")
                with system.fed(RATE // 2, at_least=RATE):
                    time.sleep(60 if ground.full else 5)
                system.assert_alive("sink-calls")
                wait_until(lambda: "flood-stage watermark" in system.workers.log_of("sink-calls"), 60)
                assert system.behind()["sink-calls"] > 0, "it waits"
            wait_until(lambda: FLOOD_BLOCK not in blocks(client, index), 120, lambda: "the block stays")
            verdict = settled(system, repeats_at_most=0)
        finally:
            client.close()
        assert system.workers.processes["sink-calls"] is process, "nobody had to start it again"
        return verdict


@contextmanager
def full_disk(client: Any) -> Iterator[None]:
    """Watermarks that no disk can keep free; then such that every disk does, so that blocks are taken back."""
    try:
        client.cluster.put_settings(persistent=watermarks("1000pb"))
        yield
    finally:
        client.cluster.put_settings(persistent=watermarks("1b"))
        blocked = "index.blocks.read_only_allow_delete"
        wait_until(lambda: not client.indices.get_settings(index="_all", name=blocked, flat_settings=True).body, 120)
        client.cluster.put_settings(persistent=dict.fromkeys(watermarks("")))


def watermarks(free: str) -> dict[str, Any]:
    """Elasticsearch's own settings; it looks at the disk no more often than every ten seconds."""
    disk = "cluster.routing.allocation.disk"
    return {
        "cluster.info.update.interval": "10s",
        f"{disk}.threshold_enabled": True,
        **{f"{disk}.watermark.{name}": free for name in ("low", "high", "flood_stage")},
    }


def blocks(client: Any, name: str) -> str:
    """The blocks of the indices behind a data stream."""
    return str(client.indices.get_settings(index=name, name="index.blocks.*", flat_settings=True).body)


@row("18", "Elasticsearch takes 2 s for each request while twice as much comes in: memory stays bounded")
def slow(ground: Ground) -> Verdict:
    with proxy_to(ground.engines.endpoints.elasticsearch) as proxy:
        endpoints = dataclasses.replace(ground.engines.endpoints, elasticsearch=proxy.url)
        with ground.system(through=endpoints) as system:
            system.feed(1_000)
            system.start(*ALL)
            system.drain()
            process = psutil.Process(system.workers.processes["sink-calls"].pid)
            before = process.memory_info().rss
            proxy.latency_s = 2.0
            highest = before
            with system.fed(RATE, at_least=RATE):
                for _ in range(180 if ground.full else 30):
                    time.sleep(1)
                    highest = max(highest, process.memory_info().rss)
                assert system.behind()["sink-calls"] > RATE, "it was slower than what came in"
            proxy.latency_s = 0.0
            verdict = settled(system, repeats_at_most=0)
            assert system.workers.processes["sink-calls"].pid == process.pid, "the member was kept"
            assert system.workers.log_of("sink-calls").count("partitions_assigned") == 1
            assert highest - before < 200 * MIB, f"{(highest - before) // MIB} MiB more"
            return verdict


def through(ground: Ground, front: Interposer) -> AbstractContextManager[System]:
    """A system whose stages see Elasticsearch through an interposer."""
    return ground.system(through=dataclasses.replace(ground.engines.endpoints, elasticsearch=front.url))
