"""Documents to Elasticsearch: batched over runs, judged one by one, retried for as long as it takes.

1. `submit` queues documents; it waits while the queue is full.
2. A sender takes what is queued, at most `MAX_DOCUMENTS` and `MAX_BYTES`, and posts one bulk request.
3. Each item is judged (`judge.py`): written, to be tried again alone, refused for ever, or a reason to stop.
4. A batch's ticket is done when all of its documents are written or refused.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, NamedTuple, cast

import structlog
from elasticsearch import (
    ApiError,
    AsyncElasticsearch,
    AuthorizationException,
    OrjsonSerializer,
    SerializationError,
    TransportError,
)

from contracts.errors import Rejected
from processors.runtime import fail_points, metrics
from processors.runtime.records import Record
from processors.runtime.stage import Item, Refusal
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk_lines import bulk_lines
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.judge import (
    FIRST_SERVER_ERROR,
    TOO_MANY,
    Verdict,
    cluster_trouble,
    judge_item,
    trouble_in_words,
)
from sinks.elasticsearch.ticket import Ticket

MAX_DOCUMENTS = 1_000
MAX_BYTES = 5 * 1_048_576
"""Elastic advises 5 to 15 MB; the smaller end keeps a retry cheap."""
MAX_QUEUED = 4 * MAX_DOCUMENTS
SENDERS = 2
LINGER_S = 0.05
FIRST_DELAY_S = 0.2
MAX_DELAY_S = 10.0
REQUEST_TIMEOUT_S = 60.0
WAITING_AFTER_S = 3.0
TOO_LARGE = 413
BAD_REQUEST = 400
FILTER = "errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.failure_store"

log = structlog.get_logger()


class _Queued(NamedTuple):
    """A document on its way; ``plain_index`` is where it lives, empty for one of a data stream."""

    record: Record
    lines: bytes
    ticket: Ticket
    plain_index: str = ""


class BulkWriter:
    """Writes documents with their own id, those of data streams with ``create``.

    ``access`` is where the server is and how to prove who we are; trouble that lasts longer than
    ``waiting_after_s`` is told by `waiting`.
    """

    def __init__(self, access: Access, *, waiting_after_s: float = WAITING_AFTER_S) -> None:
        self._waiting_after_s = waiting_after_s
        self._access = access
        self._client: AsyncElasticsearch | None = None
        self._queue: deque[_Queued] = deque()
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._senders: list[asyncio.Task[None]] = []
        self._indices: set[str] = set()
        self._trouble = ""
        self._trouble_since = 0.0

    async def start(self) -> None:
        """Open the client; the first bulk request is the first word to the server."""
        self._client = AsyncElasticsearch(
            **self._access.arguments(),
            request_timeout=REQUEST_TIMEOUT_S,
            serializers={"application/json": OrjsonSerializer()},
            max_retries=0,
            retry_on_timeout=False,
        )
        self._senders = [asyncio.create_task(self._send_for_ever()) for _ in range(SENDERS)]

    async def submit(self, items: Iterable[Item[Document]]) -> Awaitable[Sequence[Refusal]]:
        """Queue documents."""
        queued = [(record, document, bulk_lines(document)) for record, document in items]
        while len(self._queue) >= MAX_QUEUED:
            self._room.clear()
            await self._room.wait()
        ticket = Ticket(len(queued))
        for record, document, lines in queued:
            self._queue.append(_Queued(record, lines, ticket, "" if document.version is None else document.stream))
        self._filled.set()
        return ticket.written

    def waiting(self) -> str:
        """Why Elasticsearch takes nothing at present."""
        if self._trouble and time.monotonic() - self._trouble_since > self._waiting_after_s:
            return f"Elasticsearch: {self._trouble}"
        return ""

    async def stop(self) -> None:
        """Give up what is queued: it is not acknowledged, so it is read again."""
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    async def _send_for_ever(self) -> None:
        while True:
            batch = await self._next_batch()
            try:
                await self._deliver(batch)
            except Exception as error:  # noqa: BLE001 - handed to the worker, whose guard ends the process
                for queued in batch:
                    queued.ticket.fail(error)

    async def _next_batch(self) -> list[_Queued]:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        if len(self._queue) < MAX_DOCUMENTS:
            await asyncio.sleep(LINGER_S)
        batch: list[_Queued] = []
        size = 0
        while self._queue and len(batch) < MAX_DOCUMENTS and size < MAX_BYTES:
            queued = self._queue.popleft()
            size += len(queued.lines)
            batch.append(queued)
        self._room.set()
        return batch

    async def _deliver(self, batch: list[_Queued]) -> None:
        delay = FIRST_DELAY_S
        while batch:
            before = len(batch)
            batch = await self._post(batch)
            if not batch:
                self._trouble = ""
            elif len(batch) == before:
                await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                delay = min(delay * 2, MAX_DELAY_S)

    async def _post(self, batch: list[_Queued]) -> list[_Queued]:
        """One request; return what has to be tried again."""
        assert self._client is not None  # noqa: S101 - started before anything is submitted
        try:
            await self._know_templates({queued.plain_index for queued in batch if queued.plain_index} - self._indices)
            answer = await self._client.bulk(
                operations=cast(Any, b"".join(queued.lines for queued in batch)),  # sent as it is
                filter_path=FILTER,
            )
        except ApiError as error:
            return await self._whole_request_failed(batch, error)
        except (TransportError, SerializationError) as error:
            self._note_trouble(type(error).__name__, str(error))
            return batch
        fail_points.reached(fail_points.BULK_ANSWERED)
        items = [result for item in answer.body["items"] for result in item.values()]
        if not answer.body.get("errors") and all(item.get("failure_store") is None for item in items):
            for queued in batch:
                queued.ticket.one_less()
            return []
        return self._sort_out(batch, [judge_item(item) for item in items])

    async def _know_templates(self, indices: set[str]) -> None:
        """Stop before an index without its template is made: a data stream can be asked for, a plain index cannot.

        Who has no right to ask has to trust that the templates are there.
        """
        assert self._client is not None  # noqa: S101 - started before anything is submitted
        for index in indices:
            name = "-".join(index.replace(".", "-").split("-")[:2])
            try:
                there = bool(await self._client.indices.exists_index_template(name=name))
            except AuthorizationException:
                there = True
            if not there:
                raise cluster_trouble("index_not_found_exception", f"there is no index template for {index}")
            self._indices.add(index)

    def _sort_out(self, batch: list[_Queued], verdicts: list[Verdict]) -> list[_Queued]:
        again: list[_Queued] = []
        for queued, verdict in zip(batch, verdicts, strict=True):
            if verdict.decision == "retry":
                self._note_trouble(verdict.reason, verdict.detail)
                again.append(queued)
                continue
            if verdict.decision == "stop":
                raise cluster_trouble(verdict.reason, verdict.detail)
            if verdict.decision == "reject":
                queued.ticket.refusals.append((queued.record, Rejected(verdict.reason, verdict.detail)))
            queued.ticket.one_less()
        return again

    async def _whole_request_failed(self, batch: list[_Queued], error: ApiError) -> list[_Queued]:
        status = error.status_code
        if status in {TOO_LARGE, BAD_REQUEST}:
            return await self._halve(batch, error)
        if status == TOO_MANY or status >= FIRST_SERVER_ERROR:
            self._note_trouble(str(status), str(error))
            return batch
        raise cluster_trouble(str(status), str(error))

    async def _halve(self, batch: list[_Queued], error: ApiError) -> list[_Queued]:
        """The request is too large or cannot be read: send each half alone, and refuse what cannot go alone."""
        metrics.RETRIES.labels(str(error.status_code)).inc()
        if len(batch) == 1:
            too_large = error.status_code == TOO_LARGE
            why = Rejected("document_too_large" if too_large else "document_unreadable", str(error)[:300])
            batch[0].ticket.refusals.append((batch[0].record, why))
            batch[0].ticket.one_less()
            return []
        middle = len(batch) // 2
        return [*await self._post(batch[:middle]), *await self._post(batch[middle:])]

    def _note_trouble(self, reason: str, detail: str) -> None:
        metrics.RETRIES.labels(reason[:60]).inc()
        if not self._trouble:
            self._trouble_since = time.monotonic()
            log.warning("elasticsearch_retry", reason=reason, detail=detail[:300])
        self._trouble = trouble_in_words(reason, detail)
