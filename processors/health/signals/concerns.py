"""Whether what was said of a service may have to do with a cause that was found."""

from __future__ import annotations

from processors.health.sighting import CauseKey


def concerns(service: str, cause: CauseKey) -> bool:
    """Yes, unless both name a service, and another one."""
    named = dict(cause).get("upstream", "")
    return not service or not named or service == named
