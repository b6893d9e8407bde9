"""An HTTP front of Elasticsearch that answers some bulk requests, or some of their documents, itself."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from tests.faults.background import in_background

HOP_BY_HOP = {"transfer-encoding", "content-encoding", "content-length", "connection", "host"}
MAX_BODY = 200 * 1_048_576


class Interposer:
    """``answers`` are statuses for the next bulk requests as a whole, 0 lets one pass.

    ``always`` is the status of all of them; ``item_status`` that of a ``item_share`` of the documents of each.
    Every ``spoil_every``-th event gets a value that its mapping does not take, each time it passes.
    """

    def __init__(self, upstream: str, seed: int) -> None:
        self._upstream = upstream
        self._dice = random.Random(seed)
        self.answers: deque[int] = deque()
        self.always = 0
        self.item_status = 0
        self.item_share = 0.0
        self.max_documents = 0
        self.given: list[int] = []
        self.spoil_every = 0
        self.spoiled: list[str] = []
        self.url = ""

    async def serve(self, ready: threading.Event, over: asyncio.Event) -> None:
        """Answer until ``over``."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession() as self._session:
            ready.set()
            await over.wait()
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if not request.path.endswith("_bulk"):
            return await self._pass(request, body)
        lines = body.splitlines()
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        status = self.always or (self.answers.popleft() if self.answers else 0)
        if self.max_documents and len(pairs) > self.max_documents:
            status = 413
        if status:
            self.given.append(status)
            return web.json_response(
                {"error": {"type": "planted", "reason": "planted"}, "status": status},
                status=status,
                headers={"X-Elastic-Product": "Elasticsearch"},
            )
        if self.spoil_every:
            body = b"".join(b"%b\n%b\n" % (action, self._spoil(action, document)) for action, document in pairs)
        if self.item_status:
            return await self._refuse_some(request, pairs)
        return await self._pass(request, body)

    def _spoil(self, action: bytes, document: bytes) -> bytes:
        name = orjson.loads(action)["create"]["_id"]
        if int(name.rpartition("-")[2]) % self.spoil_every:
            return document
        self.spoiled.append(name)
        return document[:-1] + b',"planted":"not a number"}'

    async def _refuse_some(self, request: web.Request, pairs: list[tuple[bytes, bytes]]) -> web.StreamResponse:
        kept = [self._dice.random() >= self.item_share for _ in pairs]
        self.given += [self.item_status] * kept.count(False)
        passed = b"".join(b"%b\n%b\n" % pair for pair, keep in zip(pairs, kept, strict=True) if keep)
        items: Iterator[Any] = iter(())
        if passed:
            async with self._forward(request, passed) as answer:
                items = iter(orjson.loads(await answer.read())["items"])
        refused = {"create": {"status": self.item_status, "error": {"type": "planted", "reason": "planted"}}}
        answers = [next(items) if keep else refused for keep in kept]
        return web.json_response({"errors": True, "items": answers}, headers={"X-Elastic-Product": "Elasticsearch"})

    async def _pass(self, request: web.Request, body: bytes) -> web.StreamResponse:
        async with self._forward(request, body) as answer:
            headers = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(status=answer.status, body=await answer.read(), headers=headers)

    def _forward(self, request: web.Request, body: bytes) -> Any:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        query = request.rel_url.with_query(
            {name: value for name, value in request.query.items() if not (self.item_status and name == "filter_path")}
        )
        return self._session.request(request.method, f"{self._upstream}{query}", data=body, headers=headers)


@contextmanager
def interposed(url: str, seed: int) -> Iterator[Interposer]:
    """Run an interposer in a thread of its own."""
    made = Interposer(url, seed)
    with in_background(made):
        yield made
