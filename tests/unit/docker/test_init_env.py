"""`hypercare init` makes secrets that are private, strong, and never lost by accident."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.init_env import SECRETS, write_env


def _values(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_writes_every_secret_for_its_owner_alone(tmp_path: Path) -> None:
    file = write_env(tmp_path)
    assert file == tmp_path / ".env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(_values(file)) == set(SECRETS)


def test_values_need_no_quotes_and_are_long_enough_for_kibana(tmp_path: Path) -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9]{32,}", value) for value in _values(write_env(tmp_path)).values())


def test_no_two_values_are_alike(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = _values(write_env(tmp_path)), _values(write_env(tmp_path / "other"))
    assert len({*first.values(), *second.values()}) == 2 * len(SECRETS)


def test_leaves_an_existing_file_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("ELASTIC_PASSWORD=mine\n", encoding="utf-8")
    with pytest.raises(Stop, match="exists already") as stop:
        write_env(tmp_path)
    assert "--force" in stop.value.fix
    assert file.read_text(encoding="utf-8") == "ELASTIC_PASSWORD=mine\n"


def test_force_makes_new_secrets_and_keeps_other_lines(tmp_path: Path) -> None:
    before = _values(write_env(tmp_path))
    with (tmp_path / ".env").open("a", encoding="utf-8") as file:
        file.write("HYPERCARE_LOG_LEVEL=debug\n")
    (tmp_path / ".env").chmod(0o644)
    after = _values(write_env(tmp_path, force=True))
    assert after.pop("HYPERCARE_LOG_LEVEL") == "debug"
    assert not {*before.values()} & {*after.values()}
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_force_again_and_again_does_not_grow_the_file(tmp_path: Path) -> None:
    lines = len(write_env(tmp_path).read_text(encoding="utf-8").splitlines())
    for _ in range(2):
        file = write_env(tmp_path, force=True)
    assert len(file.read_text(encoding="utf-8").splitlines()) == lines


def test_force_replaces_exported_secrets_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("export ELASTIC_PASSWORD=old\n", encoding="utf-8")
    assert "old" not in write_env(tmp_path, force=True).read_text(encoding="utf-8")


def test_leaves_no_draft_behind(tmp_path: Path) -> None:
    write_env(tmp_path)
    write_env(tmp_path, force=True)
    assert [file.name for file in tmp_path.iterdir()] == [".env"]


def test_says_so_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot be written") as stop:
        write_env(tmp_path / "absent")
    assert "hypercare init" in stop.value.fix


def test_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_env(tmp_path)
    assert capfd.readouterr() == ("", "")
