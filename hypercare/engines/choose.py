"""Choose who runs Kafka and Elasticsearch: the first way that applies, with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.errors import Stop
from hypercare.engines.docker import DockerEngines, missing_for_docker
from hypercare.engines.embedded import INSTALL, EmbeddedEngines
from hypercare.engines.engine import Engines
from hypercare.engines.local import LocalEngines
from hypercare.engines.local_needs import missing_for_local
from hypercare.engines.settings import EngineSettings
from hypercare.engines.yours import YourEngines

YOURS_HOW = "set HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH to use engines of yours"
FORCE_HOW = "set HYPERCARE_ENGINES to yours, docker, local or embedded to decide yourself"


@dataclass(frozen=True, slots=True)
class Choice:
    """The engines to use, why these, and how to get others."""

    engines: Engines
    reason: str
    how_to_change: str


def choose(
    settings: EngineSettings,
    *,
    missing: Callable[[], str] = missing_for_docker,
    missing_local: Callable[[EngineSettings], str] = missing_for_local,
) -> Choice:
    """Choose yours when both endpoints are given, else Docker when its engine answers, else local processes.

    Only where none of them can be, the embedded ones. ``settings.choice`` forces one way; ``missing`` tells what
    keeps us from using Docker, ``missing_local`` what keeps us from running processes here.
    """
    _check_endpoints(settings)
    match settings.choice:
        case "yours":
            return _yours(settings, "HYPERCARE_ENGINES asks for yours")
        case "docker":
            return _docker("HYPERCARE_ENGINES asks for Docker")
        case "local":
            return _local(settings, "HYPERCARE_ENGINES asks for local processes")
        case "embedded":
            return _embedded("HYPERCARE_ENGINES asks for the embedded ones", how="unset HYPERCARE_ENGINES")
        case "auto":
            return _first_that_applies(settings, missing, missing_local)


def _first_that_applies(
    settings: EngineSettings, missing: Callable[[], str], missing_local: Callable[[EngineSettings], str]
) -> Choice:
    if settings.kafka and settings.elasticsearch:
        return _yours(settings, "HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH are set")
    problem = missing()
    if not problem:
        return _docker("a Docker engine answers")
    if lacking := missing_local(settings):
        return _embedded(f"no endpoints are set, {problem}, and {lacking}", how=INSTALL)
    return _local(settings, f"no endpoints are set and {problem}")


def _check_endpoints(settings: EngineSettings) -> None:
    given = {"HYPERCARE_KAFKA": settings.kafka, "HYPERCARE_ELASTICSEARCH": settings.elasticsearch}
    absent = [name for name, value in given.items() if not value]
    wanted = settings.choice == "yours" or (settings.choice == "auto" and len(absent) == 1)
    if wanted and absent:
        raise Stop(
            f"Engines of yours need both endpoints; missing: {' and '.join(absent)}.",
            fix=f"Set {' and '.join(absent)}, or unset the other and HYPERCARE_ENGINES to let us run them.",
            exit_code=2,
        )


def _yours(settings: EngineSettings, reason: str) -> Choice:
    engines = YourEngines(settings.kafka, settings.elasticsearch)
    how = "unset HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH to let us run them"
    return Choice(engines, reason=reason, how_to_change=how)


def _docker(reason: str) -> Choice:
    return Choice(DockerEngines(), reason=reason, how_to_change=f"{YOURS_HOW}; {FORCE_HOW}")


def _local(settings: EngineSettings, reason: str) -> Choice:
    return Choice(LocalEngines(settings), reason=reason, how_to_change=f"{YOURS_HOW}; {FORCE_HOW}")


def _embedded(reason: str, *, how: str) -> Choice:
    return Choice(EmbeddedEngines(reason), reason=reason, how_to_change=how)
