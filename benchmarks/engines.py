"""Kafka and Elasticsearch for the time of a run: those of the settings, or local ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.local import LocalEngines
from hypercare.settings import read_settings


@dataclass(frozen=True, slots=True)
class Engines:
    """Where they answer; ``elasticsearch`` is empty where there is none. It is not needed all the time."""

    kafka: str
    elasticsearch: str
    stop_elasticsearch: Callable[[], None]


@contextmanager
def engines() -> Iterator[Engines]:
    """The Kafka of the settings, with their Elasticsearch if they name one, or both as local processes."""
    settings = read_settings()
    if settings.kafka:
        yield Engines(settings.kafka, settings.elasticsearch, lambda: None)
        return
    with tempfile.TemporaryDirectory(prefix="hypercare-bench-") as home:
        Path(home).chmod(0o755)
        local = LocalEngines(settings.model_copy(update={"home": Path(home)}).for_engines())
        try:
            found = local.start(QuietProgress())
            yield Engines(found.kafka, found.elasticsearch, lambda: local.stop_one("elasticsearch"))
        finally:
            local.stop()
