"""Whether an incident is that of a planted fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.incidents import Incident


def is_of(incident: Incident, fault: Mapping[str, Any]) -> bool:
    """Whether it shares a dimension with the planted cause and contradicts it in none."""
    said, cause = _dimensions(incident), fault["cause"]
    return any(said.get(name) == value for name, value in cause.items()) and all(
        said.get(name, value) == value for name, value in cause.items()
    )


def is_exact(incident: Incident, fault: Mapping[str, Any]) -> bool:
    """Whether it names just that cause, or another name of the same calls."""
    return _dimensions(incident) in (fault["cause"], *fault["equivalents"])


def _dimensions(incident: Incident) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in incident.cause}
