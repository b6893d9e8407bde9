"""Whether a worker is alive: the watchdog that ends a stalled one, and the health and metrics pages."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

import faust
import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from processors.runtime import metrics
from processors.runtime.settings import WorkerSettings
from processors.runtime.worker import Worker

CHECK_EVERY_S = 1.0
RATE_OVER_S = 30.0
log = structlog.get_logger()


class Watch:
    """Looks at a worker from the side, once a second."""

    def __init__(self, app: faust.App, worker: Worker[Any], settings: WorkerSettings) -> None:
        self._app = app
        self._worker = worker
        self._settings = settings
        self._fine_at = time.monotonic()
        self._seen: deque[tuple[float, float]] = deque()
        self.problem = "starting"
        self.ready = False

    def check(self, now: float) -> None:
        """Update what the health pages say; ``now`` is monotonic seconds."""
        consumer: Any = self._app.consumer
        try:
            assigned = len(consumer.assignment())
            lag = consumer.lag()
        except Exception as error:  # noqa: BLE001 - Faust and aiokafka raise many kinds before they are ready
            assigned, lag = 0, 0
            self.problem = f"not started: {error!r}"
        metrics.ASSIGNED.set(assigned)
        metrics.LAG.set(lag)
        waiting = self._worker.writer.waiting()
        moved = self._worker.last_progress > self._fine_at
        if (assigned and not lag) or moved or waiting:
            self._fine_at = now
        self.problem = "" if assigned and not waiting else (waiting or "owns no partition")
        self.ready = not self.problem
        metrics.STUCK.set(max(0.0, now - self._fine_at))
        metrics.READY.set(self.ready)
        metrics.RATE.set(rate(self._seen, now, _records_read()))

    def stalled(self, now: float) -> bool:
        """Whether there was nothing good to say for longer than a worker may be stuck."""
        return now - self._fine_at > self._settings.stalled_after_s


def rate(seen: deque[tuple[float, float]], now: float, total: float) -> float:
    """Mean growth of ``total`` a second over the last `RATE_OVER_S`; ``seen`` remembers it from call to call."""
    seen.append((now, total))
    while now - seen[0][0] > RATE_OVER_S:
        seen.popleft()
    began, before = seen[0]
    return (total - before) / (now - began) if now > began else 0.0


def _records_read() -> float:
    return sum(s.value for metric in metrics.RECORDS.collect() for s in metric.samples if s.name.endswith("_total"))


async def serve(app: faust.App, watch: Watch, settings: WorkerSettings, stage: str) -> None:
    """Answer ``/health/live``, ``/health/ready`` and ``/metrics`` on loopback until cancelled."""

    async def live(_: web.Request) -> web.Response:
        stalled = watch.stalled(time.monotonic())
        return web.Response(text="stalled" if stalled else "ok", status=503 if stalled else 200)

    async def ready(_: web.Request) -> web.Response:
        return web.Response(text=watch.problem or "ok", status=200 if watch.ready else 503)

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
        await app.wait_for_stopped(app._stopped)  # noqa: SLF001
    finally:
        await runner.cleanup()
        file.unlink(missing_ok=True)
