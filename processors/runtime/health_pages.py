"""What a worker tells over HTTP on loopback: is it alive, is it ready, and its metrics."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Protocol

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from processors.runtime import metrics
from processors.runtime.settings import WorkerSettings

LOOK_EVERY_S = 0.1
log = structlog.get_logger()


class Health(Protocol):
    """What the pages are about."""

    problem: str
    ready: bool

    def stalled(self, now: float) -> bool:
        """Whether a restart is due."""


async def serve(health: Health, settings: WorkerSettings, stage: str, over: threading.Event) -> None:
    """Answer ``/health/live``, ``/health/ready`` and ``/metrics`` on loopback until ``over``."""

    async def live(_: web.Request) -> web.Response:
        stalled = health.stalled(time.monotonic())
        return web.Response(text="stalled" if stalled else "ok", status=503 if stalled else 200)

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text=health.problem or "ok", status=200 if health.ready else 503)

    async def scraped(_: web.Request) -> web.Response:
        body = generate_latest(metrics.REGISTRY)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    pages = web.Application()
    pages.add_routes([web.get("/health/live", live), web.get("/health/ready", ready), web.get("/metrics", scraped)])
    runner = web.AppRunner(pages, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", settings.health_port)
    await site.start()
    port = runner.addresses[0][1]
    file = settings.file(stage, ".port")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(port))
    log.info("health_pages", port=port)
    try:
        while not over.is_set():  # noqa: ASYNC110 - set by another thread
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await runner.cleanup()
        file.unlink(missing_ok=True)
