"""Series in files are judged by the product's own rules, and what cannot be read is named."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from benchmarks.quality.run import DATA
from benchmarks.quality.series import nab_scores
from contracts.errors import Stop
from hypercare.evaluate.series import Scored, score_series_folder

HEAD = "timestamp,value\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "series"
    folder.mkdir()
    return folder


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_series_gives_a_file_with_a_row_for_each_of_its_rows(source: Path, tmp_path: Path) -> None:
    (source / "windows.json").write_text("{}")
    minutes = [f"2026-06-15 {n // 60:02}:{n % 60:02}:00" for n in range(0, 1440, 5)]
    (source / "a.csv").write_text(HEAD + "".join(f"{t},{n % 2}\n" for n, t in enumerate(minutes)))
    spike = [*(f"{t},{n % 2}\n" for n, t in enumerate(minutes)), "2026-06-16T00:00:00Z,99\n"]
    (source / "b.csv.gz").write_bytes(gzip.compress((HEAD + "".join(spike)).encode()))
    assert score_series_folder(source, tmp_path / "out" / "scores") == Scored(series=2, values=2 * len(minutes) + 1)
    a, b = (rows(tmp_path / "out" / "scores" / name) for name in ("a.csv", "b.csv"))
    assert [row["timestamp"] for row in a] == minutes
    assert [row["score"] for row in a] == [row["score"] for row in b[:-1]], "later rows change nothing"
    assert float(b[-1]["score"]) > max(float(row["score"]) for row in a[50:])


def test_a_value_that_is_no_number_has_score_0(source: Path, tmp_path: Path) -> None:
    (source / "a.csv").write_text(HEAD + "2026-06-15T00:00:00,1\n2026-06-15T00:00:00,nan\n2026-06-15T00:05:00,1\n")
    score_series_folder(source, tmp_path / "scores")
    assert [float(row["score"]) for row in rows(tmp_path / "scores" / "a.csv")] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"time,value\n", "a.csv: its columns are"),
        ("a.csv", b"", "a.csv: its columns are None"),
        ("a.csv", b"timestamp,value\n", "a.csv has no rows"),
        ("a.csv", b"timestamp,value\n2026-06-15,1\n2026-06-16,many\n", "a.csv, line 3: could not convert"),
        ("a.csv", b"timestamp,value\nyesterday,1\n", "a.csv, line 2: Invalid isoformat"),
        ("a.csv", b"timestamp,value\n2026-06-15\n", "a.csv, line 2: "),
        ("a.csv", b"\xff\xfe", "a.csv: 'utf-8' codec"),
        ("a.csv.gz", b"no gzip", "a.csv.gz: Not a gzipped file"),
        ("a.txt", b"", "holds no series"),
    ],
)
def test_what_cannot_be_read_is_named(source: Path, tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (source / name).write_bytes(content)
    with pytest.raises(Stop) as stopped:
        score_series_folder(source, tmp_path / "scores")
    assert said in stopped.value.problem
    assert stopped.value.fix


def test_scores_do_not_overwrite_series_and_names_are_told_apart(source: Path, tmp_path: Path) -> None:
    (source / "a.csv").write_text(HEAD + "2026-06-15,1\n")
    with pytest.raises(Stop, match="holds the series themselves"):
        score_series_folder(source, source)
    (source / "a.csv.gz").write_bytes(gzip.compress((HEAD + "2026-06-15,1\n").encode()))
    with pytest.raises(Stop, match="the same series"):
        score_series_folder(source, tmp_path / "scores")


@pytest.mark.skipif(not (DATA / "series").is_dir(), reason=f"no public data in {DATA}: `make evaluate` needs it too")
def test_public_series_are_judged_as_well_as_promised(tmp_path: Path) -> None:
    score_series_folder(DATA / "series", tmp_path)
    assert nab_scores(DATA, tmp_path)["standard"] >= 62
