"""``hypercare explain``, ``whatif``, ``evidence`` and ``audit`` about incidents, on the broker mock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.topics import AUDIT, INCIDENTS
from tests.unit.front_door.pretended_stage import PretendedStage, Run
from tests.unit.front_door.test_audit_chain import chain
from tests.unit.incidents_made import checkout


def test_explain_takes_an_incident_and_needs_no_elasticsearch(hypercare: Run) -> None:
    told = hypercare("explain", "inc-7c41aa")
    assert (told.code, "ln(1 + 180 users) / ln(1 + 600)" in told.out) == (0, True)
    assert "Priority" in hypercare("explain", "inc-7c41").out, "its beginning is enough"
    assert json.loads(hypercare("explain", "inc-3e", "--json").out)["score"]["parts"]["floor"] == 45.198


def test_explain_by_the_constants_agreed_for_the_project(hypercare: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = [{"project": "shop", "scoring": {"half_life_h": 3}}]
    monkeypatch.setenv("HYPERCARE_PROJECTS", json.dumps(agreed))
    assert "no formulas are shown" in hypercare("explain", "inc-7c41aa").out
    assert "no formulas are shown" not in hypercare("explain", "inc-9d").out


def test_explain_says_why_one_stands_above_another(hypercare: Run) -> None:
    told = hypercare("explain", "inc-9d", "--vs", "inc-7c41").out
    assert told.startswith("inc-7c41aa")
    assert "Priority comes first: P1 against P2." in told
    said = json.loads(hypercare("explain", "inc-9d", "--vs", "inc-7c41", "--json").out)
    assert said["why"][1] == "Priority comes first: P1 against P2."
    assert hypercare("explain", "inc-9d", "--vs", "inc-none").code == 1


def test_what_is_neither_is_looked_for_in_elasticsearch(hypercare: Run) -> None:
    missing = hypercare("explain", "f-1")
    assert missing.code == 1
    assert "not running" in missing.err


def test_whatif_shows_both_places_and_mistakes(hypercare: Run) -> None:
    constants = ("--set", "reach=.98", "--set", "journey=.01", "--set", "severity=.01")
    told = hypercare("whatif", *constants, "--set", "security_p2=1", "--set", "exploited=.01")
    assert told.code == 0, told.err
    assert "↑1" in told.out
    assert "Nothing was changed" in told.out
    moved = json.loads(hypercare("whatif", "--set", "half_life_h=1", "--project", "shop", "--json").out)
    assert [one["rank_then"] for one in moved] == [1, 2, 3]
    assert hypercare("whatif", "--set", "half_life_h=1", "--project", "none").out.startswith("No incident")
    wrong = hypercare("whatif", "--set", "reach=.5")
    assert (wrong.code, "sum up to 1, and give 1.1" in wrong.err.replace("\n", " ")) == (2, True)
    assert hypercare("whatif").code == 2
    assert "half_life_h" in hypercare("whatif", "--set", "halflife=1").err


def test_evidence_is_written_as_two_files(hypercare: Run, tmp_path: Path) -> None:
    folder = tmp_path / "for" / "them"
    done = hypercare("evidence", "inc-7c41", "--output", str(folder), "--base-url", "https://shop.example.com")
    assert done.code == 0, done.err
    page, data = (folder / "evidence.md").read_text(), json.loads((folder / "evidence.json").read_text())
    assert data["form"] == "hypercare-evidence/1"
    assert "https://shop.example.com/api/payments/{id}" in data["calls"][0]["curl"]
    assert data["calls"][0]["curl"] in page
    assert json.loads(hypercare("evidence", "inc-7c41", "--json").out)["incident"] == "inc-7c41aa"
    bad = hypercare("evidence", "inc-7c41", "--base-url", "https://ana:secret@example.com")
    assert (bad.code, "no plain URL" in bad.err) == (2, True)


def test_what_speaks_of_a_weakness_is_handed_on_only_when_it_is_meant(hypercare: Run, tmp_path: Path) -> None:
    refused = hypercare("evidence", "inc-3e", "--output", str(tmp_path))
    assert (refused.code, list(tmp_path.iterdir())) == (1, [])
    assert hypercare("evidence", "inc-3e", "--output", str(tmp_path), "--restricted").code == 0


def test_the_audit_is_verified_and_a_break_ends_with_1(hypercare: Run, stage: PretendedStage) -> None:
    assert hypercare("incidents", "ack", "inc-55", "--actor", "ana").code == 0
    assert hypercare("incidents", "assign", "inc-55", "ana").code == 0
    whole = hypercare("audit", "verify")
    assert (whole.code, "Whole: each entry follows" in whole.out) == (0, True)
    assert json.loads(hypercare("audit", "verify", "--incident", "inc-55d1e2", "--json").out)["entries"] == 2
    assert hypercare("audit", "verify", "--incident", "inc-none").code == 1
    entries = chain("inc-broken", 4)
    stage.told.tell(AUDIT.name, [*entries[:2], entries[3]])
    broken = hypercare("audit", "verify")
    assert broken.code == 1
    assert "entry 2 of inc-broken is missing" in broken.out
    assert f"{AUDIT.name}/0/" in broken.out
    assert json.loads(hypercare("audit", "verify", "--json").out)["breaks"][0]["incident"] == "inc-broken"
    assert hypercare("audit", "verify", "--incident", "inc-55d1e2").code == 0


def test_what_was_tried_comes_from_the_audit(hypercare: Run, stage: PretendedStage) -> None:
    stage.told.tell(INCIDENTS.name, [checkout(incident="inc-tried")])
    entries = [one.model_copy(update={"incident": "inc-tried"}) for one in chain("inc-tried", 3)]
    stage.told.tell(AUDIT.name, entries)
    tried = json.loads(hypercare("evidence", "inc-tried", "--json").out)["tried"]
    assert [change["to"] for change in tried] == ["triaged", "triaged"], "one of the three was refused"
