from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.doctor import examine
from hypercare.engines.local import LocalEngines
from hypercare.engines.process import kill, launch
from hypercare.engines.settings import EngineSettings
from tests.unit.engines.fakes import FakeFetch, RememberingProgress, sleeper
from tests.unit.engines.test_java import make_jvm


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(home=tmp_path / "home", cache=tmp_path / "cache")


def as_user(settings: EngineSettings) -> LocalEngines:
    # Under root another home may be taken; this keeps to the one that was asked for.
    return LocalEngines(settings, effective_uid=1000)


def test_a_home_that_never_was_is_stopped_and_stays_absent(settings: EngineSettings) -> None:
    engines = as_user(settings)
    assert engines.endpoints() is None
    assert {(status.engine, status.health) for status in engines.status()} == {
        ("kafka", "stopped"),
        ("elasticsearch", "stopped"),
    }
    engines.stop()
    assert not settings.home.exists()


def test_an_engine_that_ended_by_itself_is_told_with_its_log(settings: EngineSettings) -> None:
    engines = as_user(settings)
    what = sleeper(engines.place.home)
    engines.place.home.mkdir()
    record = engines.place.record("kafka")
    launch(what)
    what.record.rename(record)
    kill(record)
    kafka = next(status for status in engines.status() if status.engine == "kafka")
    assert kafka.health == "stopped"
    assert str(what.log) in kafka.detail


def test_without_java_nothing_is_fetched(settings: EngineSettings, tmp_path: Path) -> None:
    fetch = FakeFetch()
    environ = {"HYPERCARE_JAVA": str(tmp_path)}
    engines = LocalEngines(settings, fetch=fetch, environ=environ, effective_uid=1000)
    with pytest.raises(Stop, match="HYPERCARE_JAVA"):
        engines.start(RememberingProgress())
    assert fetch.calls == 0


def test_the_doctor_finds_a_full_disk_and_a_missing_maven(settings: EngineSettings, tmp_path: Path) -> None:
    findings = examine(settings, environ={"PATH": str(tmp_path)}, free=lambda _: 5, effective_uid=1000)
    found = {finding.part: finding for finding in findings}
    assert found["maven"].state == "missing"
    assert found["disk for cache"].state == "broken"
    assert "HYPERCARE_CACHE" in found["disk for cache"].fix
    assert found["download of Kafka 4.4.0"].found == "absent"
    assert all(finding.fix for finding in findings if finding.state in {"missing", "broken"})


@pytest.mark.parametrize(("version", "fetched"), [("17.0.9", "8.16.6"), ("21.0.1", "9.4.3")])
def test_the_doctor_names_the_download_that_a_start_would_make(
    settings: EngineSettings, tmp_path: Path, version: str, fetched: str
) -> None:
    environ = {"HYPERCARE_JAVA": str(make_jvm(tmp_path / "jvm", version)), "PATH": ""}
    findings = examine(settings, environ=environ, free=lambda _: 10**12, effective_uid=1000)
    absent = {finding.part for finding in findings if finding.found == "absent"}
    assert absent == {"download of Kafka 4.4.0", f"download of Elasticsearch {fetched}"}
