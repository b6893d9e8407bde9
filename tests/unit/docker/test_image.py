"""The Dockerfile keeps its promises: pinned, constrained, unprivileged, without secrets in its context."""

from __future__ import annotations

import re
import tomllib

from tests.unit.docker.compose_file import ROOT, SERVICES

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
LINES = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
LAST_STAGE = LINES[max(index for index, line in enumerate(LINES) if line.startswith("FROM ")) :]
IGNORE = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])


def _instruction(lines: list[str], name: str) -> list[str]:
    return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]


def test_base_images_are_pinned_and_the_same() -> None:
    bases = [line.split()[0] for line in _instruction(LINES, "FROM")]
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])


def test_installs_what_the_constraints_say() -> None:
    installs = [part for run in _instruction(LINES, "RUN") for part in run.split("&&") if " install " in part]
    pip = [part for part in installs if "/pip " in part]
    assert pip
    assert all("--constraint constraints.txt" in part for part in pip)


def test_runs_as_nobody_special() -> None:
    assert _instruction(LAST_STAGE, "USER") == ["10001:10001"]
    assert not re.search(r"\b(apt-get|pip install|gcc)\b", "\n".join(LAST_STAGE))
    assert "uninstall --yes" in "\n".join(LAST_STAGE)


def test_is_the_command() -> None:
    assert _instruction(LAST_STAGE, "ENTRYPOINT") == ['["hypercare"]']
    assert _instruction(LAST_STAGE, "LABEL")


def test_version_is_that_of_the_project() -> None:
    version = PYPROJECT["project"]["version"]
    assert f'image.version="{version}"' in DOCKERFILE
    assert {SERVICES[name]["image"] for name in ("setup", "telemetry")} == {f"hypercare:{version}"}


def test_has_every_package() -> None:
    copied = {source for line in _instruction(LINES, "COPY") for source in line.split()[:-1]}
    assert copied >= PACKAGES | {"pyproject.toml", "constraints.txt", PYPROJECT["project"]["readme"]}


def test_context_holds_what_is_copied_and_nothing_else() -> None:
    first_stage = LINES[: len(LINES) - len(LAST_STAGE)]
    copied = {source for line in _instruction(first_stage, "COPY") for source in line.split()[:-1]}
    assert IGNORE[0] == "*"
    assert {line[1:] for line in IGNORE if line.startswith("!")} == copied
