"""The first look keeps to small files, and its summary to what the documents say."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.demo import Input
from hypercare.engines.console_progress import QuietProgress
from hypercare.first_look import MOST_BYTES, first_look, refuse_large
from hypercare.settings import Settings
from hypercare.summary_of_files import percentile, summarise_files

LINE = b"x" * 99 + b"\n"


def test_small_files_are_taken_and_large_ones_refused_by_their_unpacked_size(tmp_path: Path) -> None:
    most = MOST_BYTES["calls"]
    small, large = tmp_path / "small.log", tmp_path / "large.log.gz"
    small.write_bytes(LINE * (most // 200))
    large.write_bytes(gzip.compress(LINE * (most // 100 + 1)))
    assert large.stat().st_size < most / 100
    refuse_large([Input(str(small), "calls")] * 2)
    for inputs in ([Input(str(large), "calls")], [Input(str(small), "calls")] * 3):
        with pytest.raises(Stop, match="too much for the embedded engines") as stop:
            refuse_large(inputs)
        assert stop.value.exit_code == 2
        assert "smaller part" in stop.value.fix


def test_a_line_without_an_end_does_not_fool_it(tmp_path: Path) -> None:
    file = tmp_path / "one-line"
    file.write_bytes(b"x" * (MOST_BYTES["feedback"] + 1))
    with pytest.raises(Stop, match="1 MB of feedback"):
        refuse_large([Input(str(file), "feedback")])


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(Stop, match="size has to be known"):
        refuse_large([Input("-", "calls")])


def test_it_cannot_be_left_running(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="nothing can be left running"):
        first_look(Settings(home=tmp_path), QuietProgress(), [], keep=True)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([7], 95, 7), ([1, 2, 3], 50, 2), ([2, 1], 50, 1.5), ([1, 2, 3, 4, 5], 100, 5)],
)
def test_percentiles(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected


def test_no_documents_make_an_empty_summary(tmp_path: Path) -> None:
    summary = summarise_files(tmp_path)
    assert (summary.calls, summary.feedback, summary.dead_letters, summary.source) == (0, 0, 0, "files")
