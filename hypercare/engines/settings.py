"""What the engines need to know; the front door fills it from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Way = Literal["auto", "yours", "docker", "local"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where engines live and which are wanted.

    ``home`` holds the state of one instance (configuration, data, logs, process records); ``cache`` holds
    downloads, shared by all instances. ``kafka`` and ``elasticsearch`` are endpoints of engines of yours,
    empty when there are none.
    """

    home: Path
    cache: Path
    kafka: str = ""
    elasticsearch: str = ""
    choice: Way = "auto"
    elasticsearch_heap_mb: int = 1024
    kafka_heap_mb: int = 512
