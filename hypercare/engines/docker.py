"""Kafka, Elasticsearch and Kibana in containers, through ``docker-compose.yml`` of this repository.

Not tried on a real Docker engine: none was at hand where this was written. Kept to three compose commands.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints, EngineStatus, Progress, WayTaken
from hypercare.engines.yours import status_at

COMPOSE_FILE = Path(__file__).parents[2] / "docker-compose.yml"
SERVICES = ("kafka", "elasticsearch", "kibana")
# As published by the compose file, on loopback only.
ENDPOINTS = Endpoints(kafka="127.0.0.1:9092", elasticsearch="http://127.0.0.1:9200")
ASKING_TIMEOUT_S = 3.0
START_TIMEOUT_S = 900.0
STOP_TIMEOUT_S = 120.0


class DockerEngines:
    """The three containers of the compose project ``hypercare``."""

    name: WayTaken = "docker"

    def start(self, progress: Progress) -> Endpoints:
        """Start the containers and return when their health checks pass; images are pulled first."""
        if not COMPOSE_FILE.exists():
            raise Stop(
                f"{COMPOSE_FILE} is not there: only a checkout of the repository has it.",
                fix="Run from a checkout, or set HYPERCARE_ENGINES=local.",
            )
        progress.begin("Starting Kafka, Elasticsearch and Kibana in Docker", unit="seconds")
        problem = _compose("up", "-d", "--wait", *SERVICES, timeout_s=START_TIMEOUT_S)
        progress.end("failed" if problem else "healthy")
        if problem:
            raise Stop(
                f"Docker could not start the engines: {problem}",
                fix="See `docker compose -p hypercare logs`, or set HYPERCARE_ENGINES=local.",
            )
        return ENDPOINTS

    def stop(self) -> None:
        """Stop the containers; their data stays in their volumes."""
        problem = _compose("stop", *SERVICES, timeout_s=STOP_TIMEOUT_S)
        if problem:
            raise Stop(f"Docker could not stop the engines: {problem}", fix="See `docker ps`.")

    def endpoints(self) -> Endpoints | None:
        """Where the engines answer, or None while one of them does not."""
        return ENDPOINTS if all(status.health == "running" for status in self.status()) else None

    def status(self) -> tuple[EngineStatus, ...]:
        """Both engines as they are now, never raising."""
        return status_at(ENDPOINTS)


def missing_for_docker() -> str:
    """Return what keeps us from using Docker, as a word for people; empty when nothing does."""
    if problem := _run("version", "--format", "{{.Server.Version}}", timeout_s=ASKING_TIMEOUT_S):
        return f"no Docker engine answers ({problem.splitlines()[-1]})"
    if _run("compose", "version", timeout_s=ASKING_TIMEOUT_S):
        return "docker compose is not installed"
    return "" if COMPOSE_FILE.exists() else f"{COMPOSE_FILE.name} is not here"


def _compose(*arguments: str, timeout_s: float) -> str:
    return _run("compose", "-p", "hypercare", "-f", str(COMPOSE_FILE), *arguments, timeout_s=timeout_s)


def _run(*arguments: str, timeout_s: float) -> str:
    """Run docker; return why it failed, empty when it did not."""
    try:
        done = subprocess.run(
            ["docker", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )
    except FileNotFoundError:
        return "docker is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
