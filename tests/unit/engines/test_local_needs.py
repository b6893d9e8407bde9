"""Local engines are possible, or one thing is named that has to be installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.distributions import ELASTICSEARCH_9, KAFKA
from hypercare.engines.download import install
from hypercare.engines.local_needs import missing_for_local
from hypercare.engines.settings import EngineSettings
from tests.unit.engines.fakes import FakeFetch
from tests.unit.engines.test_java import make_jvm

Ask = Callable[[dict[str, str]], str]


@pytest.fixture
def settings(tmp_path: Path) -> EngineSettings:
    return EngineSettings(home=tmp_path / "home", cache=tmp_path / "cache")


@pytest.fixture
def ask(settings: EngineSettings) -> Ask:
    return lambda environ: missing_for_local(settings, environ=environ, effective_uid=1000)


@pytest.fixture
def java(tmp_path: Path) -> dict[str, str]:
    return {"HYPERCARE_JAVA": str(make_jvm(tmp_path / "jvm", "21.0.1"))}


@pytest.fixture
def maven(tmp_path: Path) -> dict[str, str]:
    mvn = tmp_path / "bin" / "mvn"
    mvn.parent.mkdir()
    mvn.touch(mode=0o755)
    return {"PATH": str(mvn.parent)}


def test_java_and_maven_are_enough(ask: Ask, java: dict[str, str], maven: dict[str, str]) -> None:
    assert ask(java | maven) == ""


def test_no_maven_or_too_old_a_java_is_named(ask: Ask, java: dict[str, str], tmp_path: Path) -> None:
    assert ask(java | {"PATH": ""}) == "Maven is not installed"
    old = make_jvm(tmp_path / "old", "11.0.2")
    assert ask({"HYPERCARE_JAVA": str(old), "PATH": ""}) == "Java 17 or later is not installed"


def test_what_is_downloaded_already_needs_no_maven(ask: Ask, java: dict[str, str], settings: EngineSettings) -> None:
    install((KAFKA, ELASTICSEARCH_9), settings.cache, QuietProgress(), fetch=FakeFetch(), free=lambda _: 10**12)
    assert ask(java | {"PATH": ""}) == ""


def test_a_java_that_was_named_and_is_none_is_left_for_the_start_to_tell(ask: Ask, tmp_path: Path) -> None:
    assert ask({"HYPERCARE_JAVA": str(tmp_path), "PATH": ""}) == ""
