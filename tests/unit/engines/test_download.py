from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.download import install, state_of
from tests.unit.engines.fakes import SMALL, FakeFetch, RememberingProgress


def test_a_fetched_distribution_is_whole_and_leaves_nothing_in_staging(tmp_path: Path) -> None:
    install([SMALL], tmp_path, RememberingProgress(), fetch=FakeFetch())
    assert state_of(SMALL, tmp_path) == ("whole", 50)
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_whole_distribution_is_not_fetched_again(tmp_path: Path) -> None:
    fetch = FakeFetch()
    for _ in range(2):
        install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    assert fetch.calls == 1


def test_a_broken_download_is_half_and_the_next_one_goes_on_with_what_is_there(tmp_path: Path) -> None:
    fetch = FakeFetch(breaks=1)
    with pytest.raises(ConnectionError):
        install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    assert state_of(SMALL, tmp_path) == ("half", 60)

    install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    assert fetch.found_before == [0, 60]
    assert state_of(SMALL, tmp_path)[0] == "whole"


def test_an_install_that_lost_a_file_is_half_and_is_replaced(tmp_path: Path) -> None:
    fetch = FakeFetch()
    install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    (tmp_path / SMALL.name / "LICENSE").unlink()
    assert state_of(SMALL, tmp_path) == ("half", 30)

    install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    assert state_of(SMALL, tmp_path) == ("whole", 50)


def test_a_full_disk_is_told_in_numbers_before_anything_is_fetched(tmp_path: Path) -> None:
    fetch = FakeFetch()
    with pytest.raises(Stop) as stop:
        install([SMALL], tmp_path, RememberingProgress(), fetch=fetch, free=lambda _: 149)
    assert "are needed" in stop.value.problem
    assert "are free" in stop.value.problem
    assert "HYPERCARE_CACHE" in stop.value.fix
    assert fetch.calls == 0


def test_what_is_already_there_counts_towards_the_space_needed(tmp_path: Path) -> None:
    fetch = FakeFetch(breaks=1)
    with pytest.raises(ConnectionError):
        install([SMALL], tmp_path, RememberingProgress(), fetch=fetch)
    install([SMALL], tmp_path, RememberingProgress(), fetch=fetch, free=lambda _: 90)
    assert state_of(SMALL, tmp_path)[0] == "whole"


def test_progress_names_the_purpose_and_counts_bytes(tmp_path: Path) -> None:
    progress = RememberingProgress()
    install([SMALL], tmp_path, progress, fetch=FakeFetch())
    assert progress.lines[0] == "begin Downloading Small 1.0, a distribution for tests 100 bytes"
    assert progress.steps == [60]
