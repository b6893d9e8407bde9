"""Incidents from files: what is read, what is refused, and how well public ones are answered."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.quality.localise import measures
from contracts.errors import Stop
from hypercare.evaluate.localise import localise_folder

DATA = Path(__file__).parents[4] / "shared" / "data"
HEAD = "min,browser,country,value,cnt\n"


def folder(at: Path, rows: list[str], *, packed: bool = False) -> Path:
    text = (HEAD + "\n".join(rows) + "\n").encode()
    (at / ("one.csv.gz" if packed else "one.csv")).write_bytes(gzip.compress(text) if packed else text)
    (at / "causes.ndjson").write_text('{"case": "one", "timestamp": 180}\n')
    return at


def rows() -> list[str]:
    """Two browsers in two countries; in the minute 180 Edge fails in FR."""
    made = []
    for minute in (0, 60, 120, 180, 240):
        for browser in ("Edge", "Safari"):
            for country in ("FR", "DE"):
                bad = 60 if minute == 180 and browser == "Edge" and country == "FR" else 2
                bad = 100 if minute == 240 and country == "DE" else bad
                made.append(f"{minute},{browser},{country},{bad},100")
    return made


@pytest.mark.parametrize("packed", [False, True])
def test_the_cause_is_answered_and_later_minutes_are_not_looked_at(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a table
    assert localise_folder(folder(tmp_path, rows(), packed=packed), tmp_path / "out") == 1
    (answer,) = (json.loads(line) for line in (tmp_path / "out").read_text().splitlines())
    assert answer["case"] == "one"
    assert answer["answers"][0] == {"browser": "Edge", "country": "FR"}


def test_a_bad_number_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"one\.csv, line 2"):
        localise_folder(folder(tmp_path, ["0,Edge,FR,many,100"]), tmp_path / "out")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "causes.ndjson").write_text('{"case": "gone", "timestamp": 1}\n')
    with pytest.raises(Stop, match="there is no gone"):
        localise_folder(tmp_path, tmp_path / "out")
    with pytest.raises(Stop, match="is missing"):
        localise_folder(tmp_path / "nowhere", tmp_path / "out")


def test_public_incidents_are_answered_at_least_as_well_as_is_wanted() -> None:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there: the public incidents and their scorer are not part of this repository")
    for measure in measures(DATA):
        assert measure.met, measure
