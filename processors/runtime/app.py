"""The Faust app of a stage: one process, one member of one consumer group."""

from __future__ import annotations

from typing import Any, Protocol

import faust
import structlog

from contracts.topic import Topic
from processors.runtime.settings import WorkerSettings
from processors.runtime.transport import SCHEME

log = structlog.get_logger()


class Named(Protocol):
    """What the app needs to know of a stage."""

    name: str
    topics: tuple[Topic, ...]


class AnyWorker(Protocol):
    """What moves runs through a stage, whichever kind it is."""

    last_progress: float

    @property
    def stage(self) -> Named:
        """The stage it runs."""
        ...

    async def consume(self, stream: Any) -> None:
        """Take runs from the stream for ever."""

    def attach(self, app: Any) -> None:
        """Connect to the app's signals."""

    def waiting(self) -> str:
        """Why nothing can be written at present, or an empty text."""

    def forget_recent(self) -> None:
        """Records may come again after a seek or a revocation."""

    async def stop(self) -> None:
        """Disconnect; called after Faust has drained and committed."""


def build_app(worker: AnyWorker, settings: WorkerSettings) -> faust.App:
    """The Faust app of a stage: its group id is the prefix and ``hypercare-<stage>``."""
    app = faust.App(
        f"{settings.topic_prefix}hypercare-{worker.stage.name}",
        broker=";".join(f"{SCHEME}://{server}" for server in settings.kafka.split(",")),
        datadir=settings.folder / "faust",
        consumer_group_instance_id=settings.instance_id or None,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=8 * 1_048_576,
        broker_max_poll_records=settings.run_records,
        broker_commit_interval=settings.commit_interval_s,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 5,
        broker_max_poll_interval=86_400.0,  # a sink may rightly wait for hours; the watchdog looks after progress
        stream_buffer_maxsize=settings.runs_in_flight,
        stream_wait_empty=True,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    app.forget_recent = worker.forget_recent  # type: ignore[attr-defined]
    topics = app.topic(*(settings.topic_prefix + t.name for t in worker.stage.topics), schema=_RunSchema())
    app.agent(topics, name=worker.stage.name)(worker.consume)
    worker.attach(app)

    async def tell(_: Any, *given: Any, **__: Any) -> None:
        log.info("partitions_assigned", partitions=sorted(f"{tp.topic}/{tp.partition}" for tp in given[0]))

    app.on_partitions_assigned.connect(tell, weak=False)  # type: ignore[arg-type]
    return app


class _RunSchema(faust.Schema[Any, Any]):
    """Hands the run through undecoded: validation happens once, in the stage."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        """Give no key: a run has many."""

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:  # noqa: ARG002 - Faust's signature
        """Give the run."""
        return message.value
