"""The life of a worker process, from start to exit code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

import faust

from processors.runtime import logs
from processors.runtime.app import AnyWorker, build_app
from processors.runtime.collector import calm_the_collector
from processors.runtime.dead_letters import DeadLetters
from processors.runtime.kafka_writer import KafkaWriter
from processors.runtime.settings import WorkerSettings
from processors.runtime.spare import SpareMembers
from processors.runtime.stage import Stage, Writer
from processors.runtime.stateful import StatefulStage
from processors.runtime.stateful_worker import StatefulWorker
from processors.runtime.watch import Watch, watching
from processors.runtime.worker import Worker


def run_stage(stage: Stage[Any], writer: Writer[Any], settings: WorkerSettings) -> NoReturn:
    """Run a stream stage until a signal or an error ends the process; never returns."""
    topics = {settings.topic_prefix + topic.name: topic for topic in stage.topics}
    to_dead_letters = KafkaWriter(settings.kafka, topic_prefix=settings.topic_prefix)
    run_worker(Worker(stage, writer, DeadLetters(to_dead_letters, stage=stage.name, topics=topics), settings), settings)


def run_stateful_stage(stage: StatefulStage, settings: WorkerSettings) -> NoReturn:
    """Run a stateful stage until a signal or an error ends the process; never returns."""
    run_worker(StatefulWorker(stage, settings), settings)


def run_worker(worker: AnyWorker, settings: WorkerSettings) -> NoReturn:
    """Run a worker of either kind as this process."""
    stage = worker.stage
    logging_config = logs.set_up(settings.log_level, stage=stage.name)
    calm_the_collector()
    (settings.folder / "faust").mkdir(parents=True, exist_ok=True)  # Faust makes only the last folder itself
    app = build_app(worker, settings)
    app.on_before_shutdown.connect(_stopper(worker), weak=False)
    process = faust.Worker(
        app,
        loglevel=settings.log_level,
        logging_config=logging_config,
        redirect_stdouts=False,
        stdout=Path(os.devnull).open("w"),  # noqa: SIM115 - Faust would draw a spinner into the log
        quiet=True,
    )
    topics = [settings.topic_prefix + topic.name for topic in stage.topics]
    members = SpareMembers(settings.kafka, app.conf.id, topics)
    with watching(Watch(app, worker, settings, members), settings, stage.name):
        process.execute_from_commandline()


def _stopper(worker: AnyWorker) -> Any:
    async def stop(*_: Any, **__: Any) -> None:
        await worker.stop()

    return stop
