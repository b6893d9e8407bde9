"""docs/intake.md: its table and its commands are true, and the OpenAPI document is the application's."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from producers.intake.app import create_app, document_of_paths
from producers.intake.documented import PAGE, with_table
from producers.intake.hooks.every import HOOKS
from producers.intake.hooks.generic import mapped
from producers.intake.openapi import FILE
from tests.unit.intake.desk import ALL, TOKEN, Desk, key
from tests.unit.intake.test_server import serving

PAGE_TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [
    command
    for part in re.findall(r"<!-- curl -->(.*?)<!-- /curl -->", PAGE_TEXT, re.DOTALL)
    for command in re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
]
DOCUMENT = document_of_paths()
DESK = Desk(key((*ALL, *HOOKS)))


def test_the_table_of_webhooks_is_written_from_the_code() -> None:
    assert with_table(PAGE_TEXT) == PAGE_TEXT, "run `make schemas`"


def test_the_openapi_document_is_the_one_that_is_served() -> None:
    assert json.loads(FILE.read_text(encoding="utf-8")) == json.loads(json.dumps(DOCUMENT)), "run `make schemas`"
    served = DESK.send("/openapi.json", b"", method="GET").json()
    assert served == json.loads(json.dumps(DOCUMENT))
    assert create_app(DESK.intake).openapi() == DOCUMENT


def test_every_reason_is_documented() -> None:
    rooms = [PAGE.parents[1] / "producers" / room for room in ("intake", "widget")]
    code = "".join(file.read_text(encoding="utf-8") for room in rooms for file in room.rglob("*.py"))
    reasons = set(re.findall(r'(?:Rejected|Unwanted|Problem)\(\s*(?:\d+,\s*)?"(\w+)"', code))
    table = PAGE_TEXT.split("| reason | what it means |")[1].split("\n\n")[0]
    assert len(reasons) > 30
    assert reasons <= set(re.findall(r"\w+", table))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl runs the commands of the page")
@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_every_command_of_the_page_is_accepted(command: str, tmp_path: Path) -> None:
    desk = Desk(key((*ALL, *HOOKS)))
    with serving(desk) as port:
        environ = {**os.environ, "INTAKE": f"http://127.0.0.1:{port}", "TOKEN": TOKEN}
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], env=environ, cwd=tmp_path, capture_output=True, check=True
        )
    said = json.loads(ran.stdout)
    assert said["accepted"] == len(desk.outlet.messages) >= 1


def test_no_command_of_the_page_sends_a_time_that_will_not_be_believed() -> None:
    for command in COMMANDS:
        assert not re.search(r"\d{4}-\d\d-\d\dT", command), command


def test_the_mapping_of_the_page_can_be_used() -> None:
    (shown,) = re.findall(r"<!-- mapping -->\n```json\n(.*?)```", PAGE_TEXT, re.DOTALL)
    assert mapped(json.loads(shown)).items == "batch.tickets"


def test_everything_that_is_offered_is_described() -> None:
    assert {f"/v1/{purpose}" for purpose in ALL} | {f"/v1/hooks/{name}" for name in HOOKS} <= set(DOCUMENT["paths"])
    names = [said["operationId"] for path in DOCUMENT["paths"].values() for said in path.values()]
    assert len(names) == len(set(names))
    for references in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)):
        assert references in DOCUMENT["components"]["schemas"]


@pytest.mark.parametrize("purpose", ALL)
def test_examples_of_the_document_fit_it_and_are_taken(purpose: str) -> None:
    content = DOCUMENT["paths"][f"/v1/{purpose}"]["post"]["requestBody"]["content"]
    example = content["application/json"]["example"]
    schema = {**content["application/json"]["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(example)
    assert DESK.emptied().send(f"/v1/{purpose}", example).status_code == 202


def _made(schema: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Values after a schema of the document, and now and then not quite."""
    if "$ref" in schema:
        return _made(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]], depth)
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return st.one_of([_made(one, depth) for one in schema[several]])
    kind = schema.get("type")
    if kind == "object" and depth < 4:
        fields = {name: _made(part, depth + 1) for name, part in schema.get("properties", {}).items()}
        needed = {name: made for name, made in fields.items() if name in schema.get("required", [])}
        return st.fixed_dictionaries(needed, optional={n: m for n, m in fields.items() if n not in needed})
    if kind == "array":
        return st.lists(_made(schema.get("items", {}), depth + 1), min_size=schema.get("minItems", 0), max_size=2)
    plain: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(int(schema.get("minimum", -5)), int(min(schema.get("maximum", 500), 500))),
        "number": st.floats(schema.get("minimum", -5), min(schema.get("maximum", 500), 500)),
        "boolean": st.booleans(),
        "null": st.none(),
        "string": st.just("2026-06-15T09:00:00Z") if schema.get("format") == "date-time" else st.text(max_size=8),
    }
    return plain.get(str(kind), st.just({}))


@pytest.mark.parametrize("purpose", ALL)
@settings(max_examples=120)
@given(data=st.data())
def test_what_the_schema_describes_is_taken_or_refused_with_its_field(purpose: str, data: st.DataObject) -> None:
    schema = DOCUMENT["paths"][f"/v1/{purpose}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body = data.draw(_made(schema))
    answer = DESK.emptied().send(f"/v1/{purpose}", body)
    allowed = DOCUMENT["paths"][f"/v1/{purpose}"]["post"]["responses"]
    assert str(answer.status_code) in allowed
    name = "Accepted" if answer.status_code == 202 else "Problem"
    Draft202012Validator(DOCUMENT["components"]["schemas"][name]).validate(answer.json())
    if answer.status_code == 422:
        assert all(one["reason"] for one in answer.json()["errors"])
