from __future__ import annotations

import asyncio

from processors.runtime.in_flight import InFlight


def test_many_small_runs_pass_and_what_is_too_much_waits_for_room() -> None:
    async def scenario() -> None:
        in_flight = InFlight(10)
        for _ in range(10):
            await asyncio.wait_for(in_flight.enter(1), 1)
        waiting = asyncio.create_task(in_flight.enter(3))
        for left in (1, 2):
            await asyncio.sleep(0)
            assert not waiting.done(), left
            in_flight.leave(1)
        in_flight.leave(1)
        await asyncio.wait_for(waiting, 1)
        assert in_flight.records == 10

    asyncio.run(scenario())


def test_what_is_larger_than_all_room_passes_alone() -> None:
    async def scenario() -> None:
        in_flight = InFlight(10)
        await asyncio.wait_for(in_flight.enter(50), 1)
        waiting = asyncio.create_task(in_flight.enter(50))
        await asyncio.sleep(0)
        assert not waiting.done()
        in_flight.leave(50)
        await asyncio.wait_for(waiting, 1)

    asyncio.run(scenario())
