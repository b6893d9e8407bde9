from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.choose import choose
from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.settings import EngineSettings, Way

KAFKA, ELASTICSEARCH = "kafka.example:9092", "http://es.example:9200"


def settings(folder: Path, *, kafka: str = "", elasticsearch: str = "", choice: Way = "auto") -> EngineSettings:
    return EngineSettings(
        home=folder / "home",
        cache=folder / "cache",
        kafka=kafka,
        elasticsearch=elasticsearch,
        choice=choice,
    )


def test_both_endpoints_make_them_yours_even_when_docker_answers(tmp_path: Path) -> None:
    choice = choose(settings(tmp_path, kafka=KAFKA, elasticsearch=ELASTICSEARCH), missing=lambda: "")
    assert choice.engines.name == "yours"


def test_docker_comes_before_local(tmp_path: Path) -> None:
    assert choose(settings(tmp_path), missing=lambda: "").engines.name == "docker"


def nothing(_: EngineSettings) -> str:
    return ""


def test_local_comes_third_and_says_why_not_docker(tmp_path: Path) -> None:
    choice = choose(settings(tmp_path), missing=lambda: "no Docker engine answers", missing_local=nothing)
    assert choice.engines.name == "local"
    assert "no Docker engine answers" in choice.reason
    assert "HYPERCARE_ENGINES" in choice.how_to_change


@pytest.mark.parametrize(
    ("kafka", "elasticsearch", "absent"),
    [(KAFKA, "", "HYPERCARE_ELASTICSEARCH"), ("", ELASTICSEARCH, "HYPERCARE_KAFKA")],
)
def test_one_endpoint_alone_is_a_stop_that_names_the_other(
    tmp_path: Path, kafka: str, elasticsearch: str, absent: str
) -> None:
    with pytest.raises(Stop) as stop:
        choose(settings(tmp_path, kafka=kafka, elasticsearch=elasticsearch), missing=lambda: "")
    assert f"missing: {absent}." in stop.value.problem


def test_embedded_is_the_last_and_says_what_to_install(tmp_path: Path) -> None:
    choice = choose(
        settings(tmp_path), missing=lambda: "docker is not installed", missing_local=lambda _: "Maven is not installed"
    )
    assert choice.engines.name == "embedded"
    assert choice.reason == "no endpoints are set, docker is not installed, and Maven is not installed"
    assert "openjdk-21-jre-headless maven" in choice.how_to_change


def test_nothing_lasting_is_started_on_the_embedded_ones(tmp_path: Path) -> None:
    engines = choose(settings(tmp_path, choice="embedded")).engines
    with pytest.raises(Stop, match="would lose events") as stop:
        engines.start(QuietProgress())
    assert "maven" in stop.value.fix
    assert engines.endpoints() is None
    assert {status.health for status in engines.status()} == {"stopped"}
    engines.stop()


@pytest.mark.parametrize("forced", ["docker", "local", "embedded"])
def test_a_forced_way_needs_no_question(tmp_path: Path, forced: Way) -> None:
    def never() -> str:
        raise AssertionError

    wanted = settings(tmp_path, kafka=KAFKA, elasticsearch=ELASTICSEARCH, choice=forced)
    assert choose(wanted, missing=never).engines.name == forced


def test_yours_without_endpoints_is_a_stop(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH"):
        choose(settings(tmp_path, choice="yours"))
