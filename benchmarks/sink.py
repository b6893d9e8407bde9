"""What a document costs our bulk writer, and the bulk helper of the same client, on a real Elasticsearch.

Both send the same documents, made by `call_document`, to a data stream of ours with ``create`` and their own ids, and
know of each one that it is written. The helper is called as its documentation shows, with its own chunk size and
serializer; a second pair of figures starts from documents that are encoded already, where neither has to serialize.
The documents are made before the clock starts. ``python -m benchmarks.sink ELASTICSEARCH`` prints µs of CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_streaming_bulk

from benchmarks.arms import KEY
from benchmarks.events import calls
from contracts.calls import EnrichedCall
from contracts.cloudevents import open_envelope, read_event
from hypercare.settings import read_settings
from processors.runtime.collector import calm_the_collector
from processors.runtime.records import PlainRecord
from processors.telemetry.stage import TelemetryStage
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.templates import apply_templates

DOCUMENTS = 20_000
RUN = 500
"""Documents submitted together: as many as a worker takes at a time."""
RUNS_IN_FLIGHT = 8
RECORD = PlainRecord(b"")

Object = dict[str, Any]
Way = Callable[[Access, Sequence[Document]], Awaitable[float]]


def documents(count: int, stream: str) -> list[Document]:
    """Enriched calls as documents, with ids that no other round has."""
    stage, seed = TelemetryStage(KEY), uuid.uuid4().int % 1_000_000_007
    made = []
    for number, value in enumerate(calls(count, seed)):
        (output,) = stage.process(PlainRecord(value, offset=number, timestamp=int(time.time() * 1000)))
        call = read_event(open_envelope(output.value, output.headers), EnrichedCall)  # type: ignore[arg-type]
        document = call_document(call)
        made.append(Document(stream, document.id, document.body))
    return made


async def ours(access: Access, made: Sequence[Document]) -> float:
    """From objects: encode as `call_document` does, then write."""
    objects = [(document, orjson.loads(document.body)) for document in made]
    return await _write(access, (Document(d.stream, d.id, orjson.dumps(body)) for d, body in objects))


async def ours_ready(access: Access, made: Sequence[Document]) -> float:
    """From documents as the sink's stage hands them over."""
    return await _write(access, iter(made))


async def _write(access: Access, made: Iterator[Document]) -> float:
    writer = BulkWriter(access)
    await writer.start()
    began = time.process_time()
    tickets: list[Awaitable[Any]] = []
    while run := list(islice(made, RUN)):
        tickets.append(await writer.submit((RECORD, document) for document in run))
        if len(tickets) >= RUNS_IN_FLIGHT:
            _refuse_nothing(await tickets.pop(0))
    for ticket in tickets:
        _refuse_nothing(await ticket)
    took = time.process_time() - began
    await writer.stop()
    return took


def _refuse_nothing(refusals: Sequence[Any]) -> None:
    if refusals:
        raise SystemExit(f"Elasticsearch refused a document: {refusals[0][1]}")


async def helper(access: Access, made: Sequence[Document]) -> float:
    """From objects, as the documentation of the helper shows."""
    actions: list[Object] = [
        {"_op_type": "create", "_index": d.stream, "_id": d.id, "_source": orjson.loads(d.body)} for d in made
    ]
    return await _help(access, actions, {})


async def helper_ready(access: Access, made: Sequence[Document]) -> float:
    """From encoded documents: the helper sends bytes as they are."""

    def expand(document: Document) -> tuple[Object, bytes]:
        return {"create": {"_index": document.stream, "_id": document.id}}, document.body

    return await _help(access, made, {"expand_action_callback": expand})


async def _help(access: Access, actions: Sequence[Any], options: Mapping[str, Any]) -> float:
    client = AsyncElasticsearch(**access.arguments(), request_timeout=60)
    began, written = time.process_time(), 0
    async for ok, _ in async_streaming_bulk(client, actions, **options):
        written += ok
    took = time.process_time() - began
    await client.close()
    if written != len(actions):
        raise SystemExit(f"the helper wrote {written} of {len(actions)}")
    return took


WAYS: dict[str, Way] = {"ours": ours, "helper": helper, "ours_ready": ours_ready, "helper_ready": helper_ready}


async def measure(access: Access, stream: str, rounds: int, count: int) -> dict[str, Any]:
    """Microseconds a document by way, the ways interleaved; the first round warms up and is not counted."""
    figures: dict[str, list[float]] = {way: [] for way in WAYS}
    size = 0.0
    for number in range(rounds + 1):
        for name, way in WAYS.items():
            made = documents(count, stream)
            size = sum(len(document.body) for document in made) / count
            took = await way(access, made)
            if number:
                figures[name].append(took / count * 1e6)
    return {**figures, "bytes": size}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("elasticsearch")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    given = parser.parse_args()
    access = read_settings().access(given.elasticsearch)
    stream = f"logs-hypercare.calls-bench.{uuid.uuid4().hex[:8]}"
    client = access.client()
    apply_templates(client)
    calm_the_collector()  # as in a worker, for both
    try:
        print(json.dumps(asyncio.run(measure(access, stream, given.rounds, given.documents))))
    finally:
        # A local one is made without the module that deletes data streams; its folder goes anyway.
        client.options(ignore_status=(400, 404)).indices.delete_data_stream(name=stream)
        client.close()


if __name__ == "__main__":
    main()
