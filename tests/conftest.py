"""One set of engines for the whole run: yours if the environment names them, Docker's if it answers, else local.

A run in several processes shares them: local ones are found again by their home, which the first process chooses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.docker import missing_for_docker
from hypercare.engines.engine import Endpoints
from hypercare.engines.local import LocalEngines
from hypercare.engines.server_settings import ELASTICSEARCH_IMAGE
from hypercare.engines.settings import EngineSettings
from hypercare.settings import Settings
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.templates import apply_templates

hypothesis_settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis_settings.load_profile("untimed")
KAFKA_IMAGE = "confluentinc/cp-kafka:7.9.1"
HOME = "HYPERCARE_TEST_HOME"
"""Names the home of the local engines to the processes of a run."""


@dataclass(frozen=True)
class RunningEngines:
    """Engines of this run; ``local`` offers to stop and kill them, where they are ours."""

    endpoints: Endpoints
    local: LocalEngines | None = None


def pytest_configure(config: pytest.Config) -> None:
    """Choose where local engines live, in the process that starts the others and outlives them."""
    if not hasattr(config, "workerinput"):
        home = Path(tempfile.mkdtemp(prefix="hypercare-test-"))
        home.chmod(0o755)  # the engines do not run as root
        os.environ[HOME] = str(home)
        config.add_cleanup(lambda: _end(home))


def _end(home: Path) -> None:
    """Stop the engines, if any were started, and leave nothing."""
    _local(home).stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def engines() -> Iterator[RunningEngines]:
    with running_engines() as running:
        yield running


@contextmanager
def running_engines() -> Iterator[RunningEngines]:
    """Engines for one run, with templates in place."""
    kafka, elasticsearch = os.environ.get("HYPERCARE_KAFKA"), os.environ.get("HYPERCARE_ELASTICSEARCH")
    if kafka and elasticsearch:
        yield _with_templates(RunningEngines(Endpoints(kafka, elasticsearch)))
    elif os.environ.get("HYPERCARE_ENGINES") != "local" and not missing_for_docker():
        yield from _in_containers()
    else:
        yield from _as_local_processes()


def _as_local_processes() -> Iterator[RunningEngines]:
    """Where they run already, they are found; where another process starts them, it is waited for."""
    if HOME in os.environ:
        local = _local(Path(os.environ[HOME]))
        yield _with_templates(RunningEngines(local.start(QuietProgress()), local))
        return
    home = Path(tempfile.mkdtemp(prefix="hypercare-faults-"))
    home.chmod(0o755)
    try:
        local = _local(home)
        yield _with_templates(RunningEngines(local.start(QuietProgress()), local))
    finally:
        _end(home)


def _local(home: Path) -> LocalEngines:
    asked = Settings()
    return LocalEngines(EngineSettings(home=home, cache=asked.cache, elasticsearch_version=asked.elasticsearch_version))


def _in_containers() -> Iterator[RunningEngines]:
    """By testcontainers; written from its documentation, not yet run."""
    from testcontainers.community.elasticsearch import ElasticSearchContainer  # noqa: PLC0415 - only where Docker is
    from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415

    with KafkaContainer(KAFKA_IMAGE) as kafka, ElasticSearchContainer(ELASTICSEARCH_IMAGE, mem_limit="2G") as search:
        address = f"http://{search.get_container_host_ip()}:{search.get_exposed_port(9200)}"
        yield _with_templates(RunningEngines(Endpoints(kafka.get_bootstrap_server(), address)))


def _with_templates(engines: RunningEngines) -> RunningEngines:
    client = Access(engines.endpoints.elasticsearch).client()
    try:
        apply_templates(client)
    finally:
        client.close()
    return engines


@pytest.fixture
def prefix() -> str:
    """Keeps the topics and groups of one test apart from those of others."""
    return f"test-{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def project() -> str:
    """Keeps the documents of one test apart: a project is a data stream of its own."""
    return f"p{uuid.uuid4().hex[:10]}"
