from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from contracts.agreements import Project
from contracts.errors import Stop
from hypercare.settings import Settings, environment_of, read_settings, with_docker_password


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own: settings are read from it and from the environment, which are the process's."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HYPERCARE_{name.upper()}", raising=False)
    return tmp_path


def test_the_environment_wins_over_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "hypercare.toml").write_text('kafka = "file:9092"\nrun_records = 7\n')
    monkeypatch.setenv("HYPERCARE_KAFKA", "environment:9092")
    settings = read_settings()
    assert (settings.kafka, settings.run_records) == ("environment:9092", 7)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    (folder / "hypercare.toml").write_text('engines = "magic"\nrun_records = 0\nkafak = "typo"\n')
    with pytest.raises(Stop) as stopped:
        read_settings()
    for wrong in ("engines", "run_records", "kafak"):
        assert wrong in stopped.value.problem
    assert "hypercare.toml" in stopped.value.fix


def test_a_file_that_is_no_toml_is_told(folder: Path) -> None:
    (folder / "hypercare.toml").write_text("kafka = ")
    with pytest.raises(Stop, match="cannot be read"):
        read_settings()


def test_secrets_stay_out_of_repr_and_go_to_children_by_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed = Project.model_validate({"project": "shop", "limits": {"slow_ms": 3_000}})
    settings = Settings(
        home=folder,
        elasticsearch_api_key=SecretStr("hunter2"),
        pseudonym_key=SecretStr("hunter3"),
        projects=(agreed,),
    )
    assert "hunter" not in repr(settings) + repr(settings.access("http://x"))
    assert environment_of(settings)["HYPERCARE_ELASTICSEARCH_API_KEY"] == "hunter2"
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings


def test_what_was_agreed_is_read_and_its_mistakes_are_told_with_their_places(folder: Path) -> None:
    file = folder / "hypercare.toml"
    file.write_text('[[projects]]\nproject = "shop"\nconsumers = [{consumer = "a", limits = {failing_share = 0.2}}]\n')
    (shop,) = read_settings().projects
    assert dict(shop.accepted()) == {(("consumer", "a"),): 0.2}
    file.write_text(file.read_text() + '[[projects]]\nproject = "shop"\n')
    with pytest.raises(Stop, match="agreed twice: default/shop/production"):
        read_settings()
    file.write_text('[[projects]]\nproject = "shop"\nlimits = {drop = 2, slow = 1}\n')
    with pytest.raises(Stop) as stopped:
        read_settings()
    for place in ("projects.0.limits.drop", "projects.0.limits.slow"):
        assert place in stopped.value.problem


def test_the_pseudonym_key_is_made_once_and_closed_to_others(folder: Path) -> None:
    settings = Settings(home=folder / "home")
    key = settings.pseudonym_secret()
    assert len(key) == 64
    assert settings.pseudonym_secret() == key
    assert stat.S_IMODE((folder / "home" / "pseudonym.key").stat().st_mode) == 0o600
    assert Settings(home=folder / "other").pseudonym_secret() != key


def test_docker_s_password_is_used_only_for_docker(folder: Path) -> None:
    (folder / ".env").write_text("# made\nELASTIC_PASSWORD=abc\n")
    assert with_docker_password(Settings(home=folder)).elasticsearch_user == "elastic"
    assert with_docker_password(Settings(home=folder, engines="local")).elasticsearch_user == ""
    assert with_docker_password(Settings(home=folder, elasticsearch="http://mine")).elasticsearch_user == ""
