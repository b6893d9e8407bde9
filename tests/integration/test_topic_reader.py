"""Reading what a careless producer wrote."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from contracts.topics import GATEWAY
from hypercare.topic_reader import TopicReader
from hypercare.topics import apply_topics
from tests.conftest import RunningEngines

pytestmark = pytest.mark.engines
COUNT = 40
# A client of its own process: only aiokafka without its compiled parts can be made to write such a name.
PRODUCE = f"""
import asyncio, sys
from aiokafka import AIOKafkaProducer

class NotUtf8(str):
    def encode(self, *_):
        return b"\\xff\\xfe"

async def main():
    producer = AIOKafkaProducer(bootstrap_servers=sys.argv[1])
    await producer.start()
    for _ in range({COUNT}):
        await producer.send_and_wait(sys.argv[2], b"x", key=b"k", headers=[("ok", b"1"), (NotUtf8("n"), b"v")])
    await producer.stop()

asyncio.run(main())
"""


def test_a_header_name_that_is_not_utf8_costs_the_headers_and_nothing_else(
    engines: RunningEngines, prefix: str
) -> None:
    kafka, topic = engines.endpoints.kafka, prefix + GATEWAY.name
    apply_topics(kafka, prefix=prefix, partitions=1)
    environ = {**os.environ, "AIOKAFKA_NO_EXTENSIONS": "1"}
    subprocess.run([sys.executable, "-c", PRODUCE, kafka, topic], env=environ, check=True, timeout=60)
    with TopicReader(kafka) as reader:
        found = list(reader.read({(topic, 0): 0}))
    assert [(record.key, record.value, record.headers, record.headers_unreadable) for record in found] == [
        (b"k", b"x", (), True)
    ] * COUNT, "many, because only a call that the interpreter has specialised would crash"
