"""How long a search and a panel take among a million calls and 20,000 messages, and what the design of an index costs.

A simulated shop makes a tenth of the calls and messages; the rest are copies of these at other times, under other ids.
``python -m benchmarks.search ELASTICSEARCH`` fills two projects of its own and prints figures; with ``--keep`` the
documents stay. Times are those of the client, from the question to the answer read, all kinds in one request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import orjson

from benchmarks.arms import KEY
from benchmarks.index_design import cost_of_designs, cost_of_samples
from benchmarks.panels import panels
from contracts.calls import EnrichedCall
from contracts.cloudevents import open_envelope, read_event
from contracts.feedback import Feedback
from hypercare.settings import read_settings
from processors.feedback.enrich import enrich
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.telemetry.stage import TelemetryStage
from producers.simulate.people.crowd import people
from producers.simulate.scenario import scenario
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document
from sinks.elasticsearch.feedback_documents import feedback_documents
from sinks.elasticsearch.templates import apply_templates
from sinks.search.answer import ask
from sinks.search.mark import wanted
from sinks.search.question import Question, searches
from sinks.search.synonyms import SHIPPED, read_synonyms

CALLS, MESSAGES, COPIES = 1_000_000, 20_000, 10
RUN = 500
IN_FLIGHT = 4
RATE = 100.0
PROJECT = "searched"
QUESTIONS = (
    Question("payment"),
    Question("the page hangs when I want to pay"),
    Question("zahlung geht nicht"),
    Question("le paiement ne marche pas"),
    Question("safari checkout slow"),
    Question("502"),
    Question("timeout"),
    Question("orders"),
    Question("pay-1"),
    Question('"pay button"'),
    Question("payment -safari"),
    Question("支付失败"),
    Question("refund", severity="S3"),
    Question("payment", project=PROJECT, kinds=("feedback",)),
    Question("upstream", kinds=("calls",)),
    Question("nothing has this word qqqxyz"),
    Question("", project=PROJECT),
    Question("", route="/payments", since="2026-06-15T09:05:00Z"),
)
ROUNDS = 15


def made(count: int, messages: int) -> tuple[list[Document], list[Document]]:
    """Documents of so many calls, and of what people wrote about them."""
    start = datetime(2026, 6, 15, 9, tzinfo=UTC)
    shop = scenario("checkout", seed=3, start=start, duration=timedelta(seconds=count / RATE), rate=RATE, users=20_000)
    stage = TelemetryStage(KEY)
    calls: list[Document] = []
    written: list[Document] = []

    def passing() -> Iterator[tuple[int, bytes]]:
        for number, (at_ms, raw) in enumerate(shop.calls()):
            value = orjson.dumps({**orjson.loads(raw), "project": PROJECT})
            try:
                output = stage.process(PlainRecord(value, offset=number, timestamp=at_ms))[0]
            except Skipped:
                continue
            event = open_envelope(output.value, output.headers)  # type: ignore[arg-type]
            calls.append(call_document(read_event(event, EnrichedCall)))
            yield at_ms, raw

    for _, raw, _ in islice(people(shop, passing(), seed=5, per_problem=messages, noise=1.0), messages):
        said = Feedback.model_validate_json(orjson.dumps({**orjson.loads(raw), "project": PROJECT}))
        written += feedback_documents(enrich(said, KEY))
    return calls[:count], written


def copies(documents: list[Document], wanted: int) -> Iterator[Document]:
    """So many documents, each a copy of one of these at another time and under another id."""
    for number in range(wanted):
        document, copy = documents[number % len(documents)], number // len(documents)
        if not copy:
            yield document
            continue
        body = orjson.loads(document.body)
        moved = datetime.fromisoformat(body["@timestamp"]) - timedelta(hours=3 * copy)
        body["@timestamp"] = moved.isoformat()
        body["event"]["id"] = name = f"{document.id}-{copy}"
        if "trace" in body:
            body["trace"]["id"] = f"{body['trace']['id'][:-3]}{copy:03x}"
        yield Document(document.stream, name, orjson.dumps(body), document.version)


async def index(access: Access, documents: Iterable[Document]) -> float:
    """Write them; seconds it took."""
    writer = BulkWriter(access)
    await writer.start()
    began, waiting = time.perf_counter(), []
    rest = iter(documents)
    try:
        while run := list(islice(rest, RUN)):
            waiting.append(await writer.submit([(PlainRecord(b""), document) for document in run]))
            if len(waiting) >= IN_FLIGHT:
                await waiting.pop(0)
        for one in waiting:
            await one
    finally:
        await writer.stop()
    return time.perf_counter() - began


def asked(client: Any) -> dict[str, Any]:
    """Milliseconds of each question, several times over, in turn."""
    synonyms = read_synonyms([SHIPPED.read_text(encoding="utf-8")])
    took: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        for question in QUESTIONS:
            began = time.perf_counter()
            ask(client, searches(question, synonyms), wanted(question.text, synonyms))
            name = f"{question.text or '(newest)'} {question.route}{question.severity or ''}{','.join(question.kinds)}"
            if number:  # the first time nothing is warm
                took.setdefault(name, []).append((time.perf_counter() - began) * 1_000)
    every = sorted(ms for times in took.values() for ms in times)
    return {
        "median_ms": round(statistics.median(every), 1),
        "p95_ms": round(every[int(len(every) * 0.95)], 1),
        "slowest_ms": round(every[-1], 1),
        "questions": {name: [round(statistics.median(times), 1), round(max(times), 1)] for name, times in took.items()},
    }


def run(address: str, *, calls: int, messages: int, keep: bool) -> dict[str, Any]:
    """Fill, ask, and count what it costs."""
    access = read_settings().access(address)
    client = access.client().options(request_timeout=120)
    apply_templates(client)
    few, written = made(calls // COPIES, messages // COPIES)
    seconds = asyncio.run(index(access, copies(few, calls)))
    asyncio.run(index(access, copies(written, messages)))
    names = sorted({document.stream for document in (*few[:1], *written)})
    client.indices.refresh(index=",".join(names))
    found: dict[str, Any] = {"calls_a_second": round(calls / seconds), "made": [len(few), len(written)]}
    for name in names:
        stats = client.indices.stats(index=name, metric=["docs", "store"]).body["_all"]["primaries"]
        found[name] = {
            "documents": stats["docs"]["count"],
            "bytes_each": round(stats["store"]["size_in_bytes"] / stats["docs"]["count"]),
        }
    found["search"] = asked(client)
    found["panels"] = panels(client)
    found["designs"] = cost_of_designs(client, few[:50_000])
    found["samples"] = cost_of_samples(client, few)
    if not keep:
        client.indices.delete(index=",".join(name for name in names if name.startswith("hypercare-")))
        client.delete_by_query(index=names[-1], query={"match_all": {}}, wait_for_completion=False)
    client.close()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("elasticsearch")
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--keep", action="store_true")
    said = parser.parse_args()
    print(json.dumps(run(said.elasticsearch, calls=said.calls, messages=said.messages, keep=said.keep), indent=1))
