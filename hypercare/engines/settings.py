"""What the engines need to know; the front door fills it from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hypercare.engines.server_settings import ELASTICSEARCH_HEAP_MB, KAFKA_HEAP_MB

Way = Literal["auto", "yours", "docker", "local", "embedded"]
ElasticsearchVersion = Literal["auto", "8", "9"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where engines live and which are wanted.

    ``home`` holds the state of one instance (configuration, data, logs, process records); ``cache`` holds
    downloads, shared by all instances. ``kafka`` and ``elasticsearch`` are endpoints of engines of yours,
    empty when there are none. ``elasticsearch_version`` is the major version of a local one; ``auto`` leaves it to the
    Java that is here.
    """

    home: Path
    cache: Path
    kafka: str = ""
    elasticsearch: str = ""
    choice: Way = "auto"
    elasticsearch_version: ElasticsearchVersion = "auto"
    elasticsearch_heap_mb: int = ELASTICSEARCH_HEAP_MB
    kafka_heap_mb: int = KAFKA_HEAP_MB
