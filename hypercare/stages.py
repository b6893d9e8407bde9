"""Which stages there are, and how each is put together; the composition root of a worker process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints
from hypercare.searching.forgotten_list import forgotten_of
from hypercare.settings import Settings
from processors.feedback.category.categorise import Categoriser
from processors.feedback.stage import FeedbackStage
from processors.health.signals.stored import read_signal
from processors.health.stage import HealthStage
from processors.incidents.stage import IncidentsStage
from processors.runtime.kafka_writer import KafkaWriter
from processors.runtime.run import run_stage, run_stateful_stage
from processors.runtime.settings import WorkerSettings
from processors.runtime.stage import Stage, Writer
from processors.runtime.stateful import StatefulStage
from processors.runtime.unkept import Unkept
from processors.telemetry.stage import TelemetryStage
from processors.telemetry.symptoms import SymptomFinder
from processors.telemetry.window_sums import WindowSummer
from sinks.elasticsearch.sampling import ALL
from sinks.elasticsearch.stages import (
    SinkStage,
    calls_sink,
    dead_letters_sink,
    feedback_sink,
    health_sink,
    incidents_sink,
    writer_for,
)

Parts = tuple[Stage[Any], Writer[Any]]
Start = Callable[[Settings, Endpoints, WorkerSettings], NoReturn]
"""Becomes the worker process of one stage."""


def _telemetry(settings: Settings, endpoints: Endpoints) -> Parts:
    sums = None if _embedded(settings, endpoints) else WindowSummer(settings.projects)
    stage = TelemetryStage(settings.pseudonym_secret(), sums, SymptomFinder())
    return stage, _to_kafka(settings, endpoints)


def _embedded(settings: Settings, endpoints: Endpoints) -> bool:
    """Whether documents are kept as files, because the engines are no real ones and keep no state either."""
    return settings.access(endpoints.elasticsearch).folder is not None


def _sink_calls(settings: Settings, endpoints: Endpoints) -> Parts:
    sampling = ALL if _embedded(settings, endpoints) else settings.sampling()  # files are counted line by line
    return _to_elasticsearch(calls_sink(sampling), settings, endpoints)


def _sink_feedback(settings: Settings, endpoints: Endpoints) -> Parts:
    return _to_elasticsearch(feedback_sink(), settings, endpoints)


def _sink_health(settings: Settings, endpoints: Endpoints) -> Parts:
    key = settings.pseudonym_secret()
    return _to_elasticsearch(health_sink(lambda record: read_signal(record, key).signal), settings, endpoints)


def _sink_incidents(settings: Settings, endpoints: Endpoints) -> Parts:
    return _to_elasticsearch(incidents_sink(), settings, endpoints)


def _sink_deadletters(settings: Settings, endpoints: Endpoints) -> Parts:
    return _to_elasticsearch(dead_letters_sink(), settings, endpoints)


def _stream(parts: Callable[[Settings, Endpoints], Parts]) -> Start:
    def start(settings: Settings, endpoints: Endpoints, worker: WorkerSettings) -> NoReturn:
        stage, writer = parts(settings, endpoints)
        run_stage(stage, writer, worker)

    return start


def _stateful(stage: Callable[[Settings], StatefulStage]) -> Start:
    def start(settings: Settings, endpoints: Endpoints, worker: WorkerSettings) -> NoReturn:
        if _embedded(settings, endpoints):
            run_stage(Unkept(stage(settings)), _to_kafka(settings, endpoints), worker)
        run_stateful_stage(stage(settings), worker)

    return start


STAGES: dict[str, Start] = {
    "telemetry": _stream(_telemetry),
    "feedback": _stateful(lambda settings: FeedbackStage(settings.pseudonym_secret(), Categoriser.shipped())),
    "incidents": _stateful(lambda settings: IncidentsStage(settings.pseudonym_secret(), settings.projects)),
    "health": _stateful(lambda settings: HealthStage(settings.pseudonym_secret(), settings.projects)),
    "sink-calls": _stream(_sink_calls),
    "sink-feedback": _stream(_sink_feedback),
    "sink-health": _stream(_sink_health),
    "sink-incidents": _stream(_sink_incidents),
    "sink-deadletters": _stream(_sink_deadletters),
}


def run(name: str, settings: Settings, endpoints: Endpoints, *, parent_pid: int = 0) -> NoReturn:
    """Become the worker process of a stage."""
    if name not in STAGES:
        raise Stop(f"There is no stage {name!r}.", fix=f"choose one of {', '.join(STAGES)}", exit_code=2)
    STAGES[name](settings, endpoints, worker_settings(name, settings, endpoints, parent_pid=parent_pid))


def worker_settings(name: str, settings: Settings, endpoints: Endpoints, *, parent_pid: int = 0) -> WorkerSettings:
    """The part of the settings that a worker needs."""
    return WorkerSettings(
        kafka=endpoints.kafka,
        folder=settings.home / "workers",
        topic_prefix=settings.topic_prefix,
        instance_id=f"{name}-{settings.instance}" if settings.instance else "",
        runs_in_flight=settings.runs_in_flight,
        run_records=settings.run_records,
        session_timeout_s=settings.session_timeout_s,
        dead_letters_per_minute=settings.dead_letters_per_minute,
        stalled_after_s=settings.stalled_after_s,
        health_port=settings.health_port,
        log_level=settings.log_level,
        parent_pid=parent_pid,
    )


def _to_kafka(settings: Settings, endpoints: Endpoints) -> KafkaWriter:
    return KafkaWriter(endpoints.kafka, topic_prefix=settings.topic_prefix)


def _to_elasticsearch(sink: SinkStage, settings: Settings, endpoints: Endpoints) -> Parts:
    access = settings.access(endpoints.elasticsearch)
    if access.folder is None:
        sink.forgotten = forgotten_of(access)
    return sink, writer_for(sink.name, access)
