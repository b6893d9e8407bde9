"""The compose file as data, for the tests of this folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {name for name, service in SERVICES.items() if service.get("restart") == "no"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("hypercare:")}
INTERPOLATION = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rule>:[-?][^}]*)?\}")


def environment(service: str) -> dict[str, str]:
    """Environment of a service, by name."""
    said: dict[str, str] = SERVICES[service].get("environment", {})
    return said
