"""Incidents given as files: what is read, what is refused, and how well causes are named on real ones."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import orjson
import pytest

from benchmarks.quality.localise import WANTED, measures
from contracts.errors import Stop
from hypercare.evaluate.localise import localise_folder

DATA = Path(os.environ.get("DATA", Path(__file__).parents[4] / "shared" / "data"))
CAUSE = '{"case": "one", "timestamp": 240, "causes": []}\n'
HEADER = "min,value,cnt,cdn,device"


def rows(minute: int, failing: tuple[str, str] | None = None) -> list[str]:
    return [
        f"{minute},{50 if (cdn, device) == failing else 1},100,{cdn},{device}"
        for cdn in ("a", "b", "c")
        for device in ("tv", "pc", "phone")
    ]


def folder(path: Path, text: str, *, causes: str = CAUSE) -> Path:
    (path / "causes.ndjson").write_text(causes)
    (path / "one.csv").write_text(text)
    return path


def answered(path: Path) -> list[dict[str, str]]:
    localise_folder(path, path / "out.ndjson")
    answers: list[dict[str, str]] = orjson.loads((path / "out.ndjson").read_bytes())["answers"]
    return answers


def incident(failing: tuple[str, str], *, spell: int | None = None, after: list[str] | None = None) -> str:
    before = [row for minute in (0, 60, 120, 180) for row in rows(minute, failing if minute == spell else None)]
    return "\n".join([HEADER, *before, *rows(240, failing), *(after or [])])


def test_the_failing_combination_comes_first(tmp_path: Path) -> None:
    assert answered(folder(tmp_path, incident(("b", "tv"))))[0] == {"cdn": "b", "device": "tv"}


def test_an_earlier_spell_of_the_same_trouble_does_not_hide_it(tmp_path: Path) -> None:
    assert answered(folder(tmp_path, incident(("b", "tv"), spell=120)))[0] == {"cdn": "b", "device": "tv"}


def test_what_comes_after_the_minute_is_not_looked_at(tmp_path: Path) -> None:
    before = answered(folder(tmp_path, incident(("b", "tv"))))
    assert answered(folder(tmp_path, incident(("b", "tv"), after=rows(300, ("c", "pc"))))) == before


def test_gzip_is_read_too(tmp_path: Path) -> None:
    plain = answered(folder(tmp_path, incident(("b", "tv"))))
    (tmp_path / "one.csv").unlink()
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(incident(("b", "tv")).encode()))
    assert answered(tmp_path) == plain


def test_without_any_past_the_worst_is_named(tmp_path: Path) -> None:
    text = "\n".join([HEADER, *rows(240, ("b", "tv"))])
    assert answered(folder(tmp_path, text))[0] == {"cdn": "b", "device": "tv"}


def test_nothing_in_the_minute_has_no_cause(tmp_path: Path) -> None:
    assert answered(folder(tmp_path, "\n".join([HEADER, *rows(180)]))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("min,value,cdn\n240,1,a", "no column cnt"),
        (f"{HEADER}\n240,many,100,a,tv", "line 2"),
        (f"{HEADER}\n240,1,100,a", "line 2"),
        (f"{HEADER}\n180,1,100,a,tv\n240,1,inf,a,tv", "line 3"),
        ('min,value,cnt,cdn\n240,1,100,"a', "one.csv"),
        ("", "no column min, value, cnt"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Stop, match=said):
        answered(folder(tmp_path, text))


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    folder(tmp_path, "").joinpath("one.csv").unlink()
    (tmp_path / "one.csv.gz").write_bytes(gzip.compress(b"min,value,cnt\n")[:-6])
    with pytest.raises(Stop, match=r"one\.csv\.gz"):
        answered(tmp_path)


@pytest.mark.parametrize("causes", ['{"case": "two", "timestamp": 1}', '{"case": "one"}', "one"])
def test_a_case_without_a_file_or_a_minute_is_named(tmp_path: Path, causes: str) -> None:
    with pytest.raises(Stop, match="line 1"):
        answered(folder(tmp_path, incident(("b", "tv")), causes=causes))


@pytest.mark.skipif(not (DATA / "localise").is_dir(), reason=f"{DATA}/localise is not there; DATA=folder names another")
def test_real_incidents_are_explained_as_well_as_is_wanted() -> None:
    found = {measure.metric: measure for measure in measures(DATA) if measure.data == "localise"}
    assert len(found) == len(WANTED)
    assert all(measure.met for measure in found.values()), found
