"""Ask the workers of this machine: their health and metrics pages, found by the port that each writes down."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_S = 2.0
MAX_PAGE_BYTES = 4 * 1_048_576


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a metrics page."""

    name: str
    labels: dict[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class WorkerPages:
    """The pages of the workers whose files lie in ``folder``, under the name of ``instance``."""

    folder: Path
    instance: str

    def ready(self, stage: str) -> str:
        """Why a stage is not ready; empty when it is."""
        return self._said(stage, "/health/ready")

    def live(self, stage: str) -> str:
        """Why a stage is not live, such as ``stalled``; empty when it is."""
        return self._said(stage, "/health/live")

    def samples(self, stage: str) -> list[Sample]:
        """The metrics of a stage; none while there is no page."""
        try:
            page = self._page(stage, "/metrics")
        except (OSError, ValueError):
            return []
        families = text_string_to_metric_families(page)
        return [Sample(s.name, dict(s.labels), s.value) for family in families for s in family.samples]

    def _said(self, stage: str, path: str) -> str:
        try:
            self._page(stage, path)
        except urllib.error.HTTPError as error:
            return error.read(1_000).decode("utf-8", "replace")
        except (OSError, ValueError):
            return "not started"
        return ""

    def _page(self, stage: str, path: str) -> str:
        """A page of a worker; raise `OSError` or `ValueError` while there is none."""
        port = int((self.folder / f"{stage}-{self.instance}.port").read_text())
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=TIMEOUT_S) as answer:
            return str(answer.read(MAX_PAGE_BYTES).decode())
