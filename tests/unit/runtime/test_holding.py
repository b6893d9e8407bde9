"""Runs wait for the sums over them, and for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from faust.types import TP

from contracts.errors import Rejected
from contracts.windows import SourceRange
from processors.runtime.holding import FLUSH_RECORDS, Holding
from processors.runtime.records import PlainRecord, Run
from processors.runtime.stage import Outgoing, Refusal

FIRST, SECOND = TP("calls", 0), TP("calls", 1)
COMMITTED = 3


def in_a_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    return lambda: asyncio.run(test())


class Ranges:
    """A stage whose sums say which range they are over."""

    def summaries(self, covered: SourceRange) -> Sequence[Outgoing]:
        return [Outgoing("sums", None, covered.model_dump_json().encode(), [])]


class Written:
    """A writer whose outputs are written when the test says so."""

    def __init__(self, refusals: Sequence[Refusal] = ()) -> None:
        self.ranges: list[SourceRange] = []
        self.known = asyncio.Event()
        self._refusals = refusals

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to give up."""

    def waiting(self) -> str:
        return ""

    async def submit(self, items: Iterable[tuple[Any, Outgoing]]) -> Awaitable[Sequence[Refusal]]:
        self.ranges += [SourceRange.model_validate_json(out.value or b"") for _, out in items]

        async def known() -> Sequence[Refusal]:
            await self.known.wait()
            return self._refusals

        return known()


def event(tp: TP, first: int, last: int, *, unread: int | None = 0, in_flight: int = 0) -> Any:
    run = Run(tp.topic, tp.partition, [PlainRecord(b"", topic=tp.topic, offset=n) for n in range(first, last + 1)])
    consumer = SimpleNamespace(
        committed_offset=lambda _: COMMITTED, unread=lambda _: unread, in_flight=lambda _: in_flight
    )
    app = SimpleNamespace(consumer_generation_id=7, consumer=consumer)
    return SimpleNamespace(value=run, app=app, message=SimpleNamespace(tp=tp))


@in_a_loop
async def test_one_flush_covers_whole_runs_of_each_partition() -> None:
    writer = Written()
    holding = Holding(Ranges(), writer)
    waiting = [holding.hold(event(FIRST, 3, 5)), holding.hold(event(FIRST, 6, 9)), holding.hold(event(SECOND, 0, 0))]
    await holding.flush_all()
    assert [(r.partition, r.first, r.last, r.generation, r.committed) for r in writer.ranges] == [
        (0, 3, 9, 7, COMMITTED),
        (1, 0, 0, 7, COMMITTED),
    ]
    assert len({r.flush for r in writer.ranges}) == 2
    assert not any(one.done() for one in waiting), "handed over is not written"
    writer.known.set()
    assert await asyncio.gather(*waiting) == [True, True, True]


@in_a_loop
async def test_a_full_partition_does_not_wait_for_the_second() -> None:
    writer = Written()
    holding = Holding(Ranges(), writer)
    holding.hold(event(FIRST, 0, FLUSH_RECORDS - 1))
    holding.hold(event(SECOND, 0, 1))
    await holding.flush_full()
    assert [(r.partition, r.last) for r in writer.ranges] == [(0, FLUSH_RECORDS - 1)]


@in_a_loop
async def test_what_was_forgotten_is_not_acknowledged() -> None:
    writer = Written()
    holding = Holding(Ranges(), writer)
    waiting = holding.hold(event(FIRST, 0, 4))
    holding.forget()
    assert await waiting is False
    await holding.flush_all()
    assert writer.ranges == [], "its records come again"


@in_a_loop
async def test_sums_that_are_refused_end_the_worker() -> None:
    refused = PlainRecord(b""), Rejected("too_large", "no")
    writer = Written([refused])
    writer.known.set()
    holding = Holding(Ranges(), writer)
    waiting = holding.hold(event(FIRST, 0, 4))
    await holding.flush_full()
    await holding.flush_all()
    with pytest.raises(RuntimeError, match="refused"):
        await waiting


@in_a_loop
async def test_when_everything_is_read_an_empty_range_says_so_once() -> None:
    writer = Written()
    holding = Holding(Ranges(), writer)
    holding.hold(event(FIRST, 3, 5))
    for _ in range(4):
        await holding.flush_all()
    assert [(r.first, r.last, r.unread) for r in writer.ranges] == [(3, 5, 0), (6, 5, 0)]
    holding.hold(event(FIRST, 6, 6))
    await holding.flush_all()
    await holding.flush_all()
    assert [(r.first, r.last) for r in writer.ranges[2:]] == [(6, 6), (7, 6)]


@pytest.mark.parametrize("state", [{"unread": 7}, {"unread": None}, {"in_flight": 2}])
def test_nothing_is_said_while_records_wait_or_are_worked_on(state: dict[str, Any]) -> None:
    async def test() -> None:
        writer = Written()
        holding = Holding(Ranges(), writer)
        holding.hold(event(FIRST, 3, 5, **state))
        for _ in range(3):
            await holding.flush_all()
        assert [(r.first, r.last) for r in writer.ranges] == [(3, 5)]
        assert writer.ranges[0].unread == (0 if "in_flight" in state else state["unread"] or 1)

    asyncio.run(test())


@in_a_loop
async def test_of_a_partition_that_went_away_nothing_is_said() -> None:
    writer = Written()
    holding = Holding(Ranges(), writer)
    holding.hold(event(FIRST, 3, 5))
    await holding.flush_all()
    holding.forget()
    await holding.flush_all()
    assert len(writer.ranges) == 1
