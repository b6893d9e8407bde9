"""The last way: nothing but Python, for a first look at a small sample and for nothing else."""

from __future__ import annotations

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints, EngineStatus, Progress, WayTaken

INSTALL = (
    "install Java 21 or later and Maven (Debian or Ubuntu: `apt-get install openjdk-21-jre-headless maven`), "
    "or Docker, or set HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH to engines of yours; "
    "`hypercare doctor` tells what is missing"
)


class EmbeddedEngines:
    """A broker mock in the process of the demo, and files instead of Elasticsearch; `hypercare.first_look` runs it.

    It keeps nothing on disk and drops what exceeds a few megabytes, so nothing lasting is started on it.
    """

    name: WayTaken = "embedded"

    def __init__(self, reason: str = "") -> None:
        self._reason = reason

    def start(self, progress: Progress) -> Endpoints:  # noqa: ARG002 - the signature is the interface's
        """Refuse, and say what to install."""
        raise Stop(
            "The embedded engines only carry `hypercare demo`: they keep nothing and would lose events."
            + (f" They are all there is, because {self._reason}." if self._reason else ""),
            fix=f"To have more than a first look, {INSTALL}.",
        )

    def stop(self) -> None:
        """Do nothing: they end with the demo."""

    def endpoints(self) -> Endpoints | None:
        """Nowhere: only the demo knows them, while it runs."""
        return None

    def status(self) -> tuple[EngineStatus, ...]:
        """Both stopped."""
        detail = "embedded engines run within `hypercare demo` only"
        return (
            EngineStatus("kafka", "stopped", detail=detail),
            EngineStatus("elasticsearch", "stopped", detail=detail),
        )
