"""Engines that somebody else runs: only asked whether they answer."""

from __future__ import annotations

from typing import Literal

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints, EngineStatus, Progress, WayTaken
from hypercare.engines.probe import Answer, ask_elasticsearch, ask_kafka, without_credentials


class YourEngines:
    """Kafka and Elasticsearch at given endpoints, never started nor stopped by us."""

    name: WayTaken = "yours"

    def __init__(self, kafka: str, elasticsearch: str) -> None:
        self._endpoints = Endpoints(kafka=kafka, elasticsearch=elasticsearch)

    def start(self, progress: Progress) -> Endpoints:
        """Return the endpoints when both answer; raise `Stop` naming each that does not."""
        progress.begin("Asking your engines", unit="seconds")
        away = [status for status in self.status() if status.health != "running"]
        progress.end("not all answer" if away else "both answer")
        if away:
            raise Stop(
                "; ".join(f"{status.engine} at {status.endpoint}: {status.detail}" for status in away),
                fix="Start them, or correct HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH.",
            )
        return self._endpoints

    def stop(self) -> None:
        """Do nothing: they are yours."""

    def endpoints(self) -> Endpoints | None:
        """Where the engines answer, or None while one of them does not."""
        return self._endpoints if all(status.health == "running" for status in self.status()) else None

    def status(self) -> tuple[EngineStatus, ...]:
        """Both engines as they are now, never raising."""
        return status_at(self._endpoints)


def status_at(endpoints: Endpoints) -> tuple[EngineStatus, ...]:
    """Return how the engines at ``endpoints`` answer, for engines of which nothing else is known."""
    kafka, elasticsearch = endpoints.kafka, endpoints.elasticsearch
    return (
        _status("kafka", kafka, ask_kafka(kafka)),
        _status("elasticsearch", without_credentials(elasticsearch), ask_elasticsearch(elasticsearch)),
    )


def _status(engine: Literal["kafka", "elasticsearch"], endpoint: str, answer: Answer) -> EngineStatus:
    health: Literal["running", "unreachable"] = "running" if answer.ready else "unreachable"
    return EngineStatus(engine=engine, health=health, endpoint=endpoint, detail=answer.detail)
