"""The bulk loop against a server that answers by script, over real HTTP; tests/integration runs it on the real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from contracts.errors import Stop
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Refusal
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk import BulkWriter
from sinks.elasticsearch.document import Document

Answer = Callable[[list[str]], tuple[int, dict[str, Any]]]
OK: Answer = lambda ids: (200, {"errors": False, "items": [{"create": {"status": 201}} for _ in ids]})  # noqa: E731


def each(**by_id: int) -> Answer:
    def answer(ids: list[str]) -> tuple[int, dict[str, Any]]:
        items = []
        for name in ids:
            status = by_id.get(name, 201)
            kind = "index_not_found_exception" if status == 404 else f"e{status}"
            error = {"error": {"type": kind, "reason": "because"}} if status >= 300 else {}
            items.append({"create": {"status": status} | error})
        return 200, {"errors": any(by_id.get(name, 201) >= 300 for name in ids), "items": items}

    return answer


def whole(status: int) -> Answer:
    return lambda _: (status, {"error": {"type": "t", "reason": "r"}, "status": status})


class Server:
    """Answers each bulk request by the next script, then by the last one for ever; remembers what it was asked."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.asked: list[list[str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        lines = (await request.read()).splitlines()
        ids = [json.loads(line)["create"]["_id"] for line in lines[::2]]
        self.asked.append(ids)
        script = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        status, body = script(ids)
        return web.json_response(body, status=status, headers={"X-Elastic-Product": "Elasticsearch"})


def written(server: Server, *ids: str) -> list[Refusal]:
    """Write documents of these ids in one submission."""

    async def work(writer: BulkWriter) -> list[Refusal]:
        items = [(PlainRecord(name.encode()), Document("logs-x-y", name, b"{}")) for name in ids]
        return list(await asyncio.wait_for(await writer.submit(items), 20))

    refusals: list[Refusal] = run(server, work)
    return refusals


def run(server: Server, work: Callable[[BulkWriter], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        app = web.Application()
        app.router.add_put("/_bulk", server.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        writer = BulkWriter(Access(f"http://127.0.0.1:{runner.addresses[0][1]}"), waiting_after_s=0.2)
        await writer.start()
        try:
            return await work(writer)
        finally:
            await writer.stop()
            await runner.cleanup()

    return asyncio.run(main())


def test_everything_written_in_one_request() -> None:
    server = Server(OK)
    assert written(server, "a", "b") == []
    assert server.asked == [["a", "b"]]


def test_nothing_to_write() -> None:
    assert written(Server(OK)) == []


def test_only_what_was_pushed_back_is_sent_again() -> None:
    server = Server(each(b=429, c=503), each(c=503), OK)
    assert written(server, "a", "b", "c") == []
    assert server.asked == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_a_conflict_means_it_is_there() -> None:
    assert written(Server(each(a=409)), "a") == []


def test_a_bad_document_is_refused_and_its_neighbours_are_written() -> None:
    ((record, why),) = written(Server(each(b=400)), "a", "b", "c")
    assert (record.value, why.reason, why.detail) == (b"b", "elasticsearch_e400", "because")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_refused_request_is_sent_again_whole(status: int) -> None:
    server = Server(whole(status), whole(status), OK)
    assert written(server, "a", "b") == []
    assert server.asked == [["a", "b"]] * 3


@pytest.mark.parametrize(("status", "reason"), [(413, "document_too_large"), (400, "document_unreadable")])
def test_a_request_refused_as_a_whole_is_halved_until_the_document_is_found(status: int, reason: str) -> None:
    def by_content(ids: list[str]) -> tuple[int, dict[str, Any]]:
        return whole(status)(ids) if len(ids) > 2 or "bad" in ids else OK(ids)

    server = Server(by_content)
    refusals = written(server, "a", "bad", "b", "c")
    assert [(record.value, why.reason) for record, why in refusals] == [(b"bad", reason)]


@pytest.mark.parametrize(("status", "fix"), [(401, "right"), (403, "right")])
def test_no_right_stops_and_says_so(status: int, fix: str) -> None:
    with pytest.raises(Stop) as stopped:
        written(Server(whole(status)), "a")
    assert fix in stopped.value.fix


def test_a_missing_template_stops_and_says_so() -> None:
    with pytest.raises(Stop) as stopped:
        written(Server(each(a=404)), "a")
    assert "hypercare setup" in stopped.value.fix


def test_waiting_is_said_after_a_while_and_over_when_it_is() -> None:
    server = Server(whole(503))

    async def work(writer: BulkWriter) -> tuple[str, str]:
        pending = await writer.submit([(PlainRecord(b""), Document("s", "a", b"{}"))])
        while not (said := writer.waiting()):  # noqa: ASYNC110 - it is asked, it does not call
            await asyncio.sleep(0.05)
        server.script = [OK]
        await pending
        return said, writer.waiting()

    said, after = run(server, work)
    assert "503" in said
    assert after == ""
