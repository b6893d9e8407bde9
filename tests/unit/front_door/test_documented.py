"""What the documentation says is what the code does."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from contracts.agreements import Project
from contracts.incidents import IncidentState
from hypercare.cli import app
from hypercare.commands.incidents import app as incidents
from hypercare.documented import ROOT, TABLES, with_table
from hypercare.stage_health import StageLine, Waiting
from hypercare.stages import STAGES
from hypercare.supervisor import explain_exit
from processors.runtime.ending import EXIT_CRASH, EXIT_PERSON, EXIT_STALLED
from processors.runtime.metrics import METRICS, REGISTRY

README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


@pytest.mark.parametrize("page", TABLES, ids=lambda p: p.name)
def test_tables_are_up_to_date(page: Path) -> None:
    assert page.read_text() == with_table(page), "run: make schemas"


def test_every_metric_is_in_the_list_once_and_says_what_it_means() -> None:
    collected = {m.name + ("_total" if m.type == "counter" else ""): m.documentation for m in REGISTRY.collect()}
    assert {metric.name: metric.meaning for metric in METRICS} == collected
    assert len(METRICS) == len(collected)


def test_every_name_of_a_stage_in_status_json_is_documented() -> None:
    page = (ROOT / "docs" / "operating.md").read_text()
    for name in (*(f.name for f in fields(StageLine)), *(f.name for f in fields(Waiting))):
        assert f"`{name}`" in page, name


@pytest.mark.parametrize("code", [EXIT_CRASH, EXIT_PERSON, EXIT_STALLED])
def test_exit_codes_are_explained_and_documented(code: int) -> None:
    assert "exit code" not in explain_exit(code)
    assert f"| {code} |" in (ROOT / "docs" / "operating.md").read_text()


def test_signals_and_unknown_exit_codes_are_explained_too() -> None:
    assert explain_exit(-9) == "ended by signal SIGKILL"
    assert "42" in explain_exit(42)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        assert target.startswith("http") or (page.parent / target).exists(), target
    for path in re.findall(r"`((?:contracts|producers|processors|sinks|hypercare|tests|docs)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_commands_in_the_readme_exist() -> None:
    known: set[str | None] = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    }
    known |= {group.name for group in app.registered_groups}
    for command in re.findall(r"\.venv/bin/hypercare (\w+)", README):
        assert command in known


def test_every_command_about_incidents_is_documented_and_no_other() -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in incidents.registered_commands}
    page = (ROOT / "docs" / "incidents.md").read_text()
    said = set(re.findall(r"\.venv/bin/hypercare incidents ([\w-]+)", page))
    said |= set(re.findall(r"# also (\w+), (\w+)", page)[0])
    assert said == known


def test_every_state_of_an_incident_is_documented() -> None:
    page = (ROOT / "docs" / "incidents.md").read_text()
    assert re.findall(r"^\| `(\w+)` \| .* \| .*\|$", page.split("## Decide")[0], re.MULTILINE) == list(
        get_args(IncidentState)
    )


def test_what_is_shown_as_an_agreement_is_one() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL):
            for project in tomllib.loads(block).get("projects", ()):
                Project.model_validate(project)


def test_every_stage_is_in_the_picture() -> None:
    assert set(STAGES) == {
        "telemetry",
        "feedback",
        "health",
        "incidents",
        "sink-calls",
        "sink-feedback",
        "sink-health",
        "sink-incidents",
        "sink-deadletters",
    }
    for word in ("telemetry", "feedback", "health", "calls, findings, health, feedback, incidents, dead letters"):
        assert word in README
