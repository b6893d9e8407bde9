"""The one interface behind which Kafka and Elasticsearch run, whoever runs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Health = Literal["running", "stopped", "unreachable"]
WayTaken = Literal["yours", "docker", "local", "embedded"]


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the engines answer: ``kafka`` is a bootstrap list, ``elasticsearch`` a URL.

    A ``file:`` URL is a folder that documents are kept in, where there is no Elasticsearch.
    """

    kafka: str
    elasticsearch: str


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """One engine as seen now; ``detail`` is for people: version, process id, log file, or what is wrong."""

    engine: Literal["kafka", "elasticsearch"]
    health: Health
    endpoint: str = ""
    detail: str = ""


class Progress(Protocol):
    """Where long work reports: one task at a time, bytes or seconds."""

    def begin(self, what: str, *, total: int | None = None, unit: Literal["bytes", "seconds"] = "bytes") -> None:
        """Open a task; ``what`` names it and what it is for, ``total`` is None when unknown."""

    def advance_to(self, done: int) -> None:
        """Set how much of the open task is done."""

    def end(self, note: str = "") -> None:
        """Close the open task, with a word on how it went."""

    def say(self, line: str) -> None:
        """Print one line, between tasks."""


class Engines(Protocol):
    """Kafka and Elasticsearch, in one of the ways of `hypercare.engines.choose`."""

    name: WayTaken

    def start(self, progress: Progress) -> Endpoints:
        """Start what is not running and return when both answer; raise `Stop` with a fix otherwise."""

    def stop(self) -> None:
        """Stop what this way started; nothing else, and nothing when nothing runs."""

    def endpoints(self) -> Endpoints | None:
        """Where the engines answer, or None while they do not run."""

    def status(self) -> tuple[EngineStatus, ...]:
        """Both engines as they are now, never raising."""
