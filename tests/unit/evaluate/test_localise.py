"""Incidents from files: what is read, what is refused, and how well public ones are answered."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from benchmarks.quality.localise import WANTED, measures
from contracts.errors import Stop
from hypercare.evaluate.localise import localise_folder

DATA = Path(os.environ.get("DATA", Path(__file__).parents[4] / "shared" / "data"))
HEAD = "min,browser,country,value,cnt"
CASE = '{"case": "one", "timestamp": 180}\n'


def folder(at: Path, rows: list[str], *, head: str = HEAD, packed: bool = False) -> Path:
    text = "\n".join([head, *rows, ""]).encode()
    (at / ("one.csv.gz" if packed else "one.csv")).write_bytes(gzip.compress(text) if packed else text)
    (at / "causes.ndjson").write_text(CASE)
    return at


def minutes(*numbers: int, spell: int | None = None) -> list[str]:
    """Three browsers in two countries; in the minute 180 and in a spell Edge fails in FR, in 240 everything in DE."""
    made = []
    for minute in numbers:
        for browser in ("Edge", "Safari", "Firefox"):
            for country in ("FR", "DE"):
                bad = 60 if minute in {180, spell} and browser == "Edge" and country == "FR" else 2
                bad = 100 if minute == 240 and country == "DE" else bad
                made.append(f"{minute},{browser},{country},{bad},100")
    return made


def answers(path: Path) -> list[dict[str, str]]:
    assert localise_folder(path, path / "out") == 1
    (line,) = (path / "out").read_text().splitlines()
    said = json.loads(line)
    assert said["case"] == "one"
    found: list[dict[str, str]] = said["answers"]
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_the_cause_is_answered_and_later_minutes_are_not_looked_at(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 - a table
    found = answers(folder(tmp_path, minutes(0, 60, 120, 180, 240), packed=packed))
    assert found[0] == {"browser": "Edge", "country": "FR"}
    assert found == answers(folder(tmp_path, minutes(0, 60, 120, 180), packed=packed))


def test_a_spell_of_the_same_trouble_before_does_not_hide_it(tmp_path: Path) -> None:
    found = answers(folder(tmp_path, minutes(0, 60, 120, 180, spell=60)))
    assert found[0] == {"browser": "Edge", "country": "FR"}


def test_without_any_past_the_worst_is_answered(tmp_path: Path) -> None:
    assert answers(folder(tmp_path, minutes(180)))[0] == {"browser": "Edge", "country": "FR"}


def test_a_minute_without_calls_has_no_cause(tmp_path: Path) -> None:
    assert answers(folder(tmp_path, minutes(60, 120))) == []


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        (HEAD, "0,Edge,FR,many,100", r"one\.csv, line 2"),
        (HEAD, "0,Edge,FR,1", r"one\.csv, line 2"),
        (HEAD, "0,Edge,FR,1,inf", r"one\.csv, line 2"),
        (HEAD, '0,"Edge,FR,1,1', r"one\.csv: "),
        ("min,browser,value", "0,Edge,1", "there is no column cnt"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(tmp_path: Path, head: str, row: str, said: str) -> None:
    with pytest.raises(Stop, match=said):
        answers(folder(tmp_path, [row], head=head))


def test_a_broken_archive_is_named(tmp_path: Path) -> None:
    file = folder(tmp_path, minutes(180), packed=True) / "one.csv.gz"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(Stop, match=r"one\.csv\.gz: "):
        answers(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "causes.ndjson").write_text('{"case": "gone", "timestamp": 1}\n')
    with pytest.raises(Stop, match="there is no gone"):
        localise_folder(tmp_path, tmp_path / "out")
    with pytest.raises(Stop, match="is missing"):
        localise_folder(tmp_path / "nowhere", tmp_path / "out")


def test_public_incidents_are_answered_at_least_as_well_as_is_wanted() -> None:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there: the public incidents and their scorer are not part of this repository")
    found = measures(DATA)
    assert len(found) == 2 * len(WANTED)
    for measure in found:
        assert measure.met, measure
