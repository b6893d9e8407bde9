"""Waits until a group's topics are known before partitions are given out, and joins again when there are none.

Right after a broker's start its answers may not name all topics yet. Faust's assignor then gives out nothing, and a
static member that comes back is handed that nothing again by the coordinator, for ever.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

import structlog
from aiokafka.consumer.group_coordinator import GroupCoordinator

PATIENCE_S = 10.0
LOOK_EVERY_S = 0.5

log = structlog.get_logger()
_perform_assignment = GroupCoordinator._perform_assignment  # noqa: SLF001 - checked below


async def _when_topics_are_known(self: Any, response: Any) -> Any:
    """Ask for metadata until every topic has partitions, then let the assignor work with what there is."""
    topics = set(self._subscription.topics)
    deadline = time.monotonic() + PATIENCE_S
    while missing := [topic for topic in topics if not self._cluster.partitions_for_topic(topic)]:
        if time.monotonic() > deadline:
            log.error("topics_missing", topics=missing, fix="create them with `hypercare topics apply`")
            break
        await asyncio.sleep(LOOK_EVERY_S)
        await self._client.set_topics(topics)
        await self._client.force_metadata_update()
    return await _perform_assignment(self, response)


def join_again(consumer: Any, loop: asyncio.AbstractEventLoop) -> None:
    """Ask for another round of assignment; ``consumer`` is aiokafka's, ``loop`` the one it runs in."""
    coordinator = consumer._coordinator  # noqa: SLF001 - there is no public way
    if isinstance(coordinator, GroupCoordinator):
        loop.call_soon_threadsafe(coordinator.request_rejoin)


def member_of(consumer: Any) -> str:
    """By what name its group knows it; empty before it joined. ``consumer`` is aiokafka's."""
    return getattr(consumer._coordinator, "member_id", "")  # noqa: SLF001 - there is no public way


def install() -> None:
    """Make every group member of this process patient."""
    if list(inspect.signature(_perform_assignment).parameters) != ["self", "response"]:
        raise ImportError("aiokafka changed how partitions are assigned")
    GroupCoordinator._perform_assignment = _when_topics_are_known  # noqa: SLF001
