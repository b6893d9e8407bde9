"""Local engines for real: found again, and back with their data after a crash."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.local import LocalEngines
from hypercare.settings import Settings
from tests.conftest import RunningEngines

pytestmark = [pytest.mark.engines, pytest.mark.alone]

INDEX = "engines-test-kept"


def local_of(engines: RunningEngines) -> LocalEngines:
    if engines.local is None:
        pytest.skip("these engines are not processes of ours")
    return engines.local


def ask(url: str, path: str, *, method: str = "GET", body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(  # noqa: S310 - a URL of ours, on loopback
        url + path, data=data, method=method, headers={"Content-Type": "application/json"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=30) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def test_status_never_raises(engines: RunningEngines) -> None:
    local = local_of(engines)
    assert {status.health for status in local.status()} == {"running"}


def test_the_server_is_of_the_version_asked_for(engines: RunningEngines) -> None:
    local_of(engines)
    wanted = Settings().elasticsearch_version
    number = ask(engines.endpoints.elasticsearch, "/")["version"]["number"]
    assert wanted in {"auto", number.split(".")[0]}


def test_a_second_start_returns_the_same_endpoints(engines: RunningEngines) -> None:
    local = local_of(engines)
    assert local.start(QuietProgress()) == engines.endpoints
    assert local.endpoints() == engines.endpoints


def test_a_killed_elasticsearch_comes_back_at_its_place_with_its_data(engines: RunningEngines) -> None:
    local = local_of(engines)
    url = engines.endpoints.elasticsearch
    ask(url, f"/{INDEX}/_doc/1?refresh=wait_for", method="PUT", body={"word": "kept"})

    local.kill_one("elasticsearch")
    health = {status.engine: status.health for status in local.status()}
    assert health == {"kafka": "running", "elasticsearch": "stopped"}
    assert local.endpoints() is None

    assert local.start(QuietProgress()) == engines.endpoints
    assert ask(url, f"/{INDEX}/_doc/1")["_source"] == {"word": "kept"}
    ask(url, f"/{INDEX}", method="DELETE")
