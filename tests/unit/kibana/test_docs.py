"""The page about dashboards says what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sinks.elasticsearch.templates import component_templates
from sinks.kibana.catalogue import DASHBOARDS, SETTINGS
from sinks.kibana.panels import DataView
from sinks.kibana.searches import SEARCHES
from sinks.kibana.views import VIEWS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "dashboards.md").read_text()
KNOWN_OF_KIBANA = {"_ignored"}


def mapped(properties: dict[str, Any], path: str = "") -> Iterator[str]:
    for name, said in properties.items():
        yield f"{path}{name}"
        yield from mapped(said.get("properties", {}), f"{path}{name}.")
        yield from mapped(said.get("fields", {}), f"{path}{name}.")


def known_fields() -> set[str]:
    templates = component_templates().values()
    bodies = [template["template"].get("mappings", {}).get("properties", {}) for template in templates]
    return {name for body in bodies for name in mapped(body)} | {name for view in VIEWS for name in view.runtime}


def test_ten_questions_name_what_is_on_the_dashboards() -> None:
    questions = re.findall(r"^\d+\. \*\*(.+?\?)\*\*", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(questions) == 10
    told = re.sub(r"\s+", " ", PAGE)
    titles = {panel.title for one in DASHBOARDS for panel in one.panels}
    shortened = {title.split(" (")[0] for title in titles}
    quoted = set(re.findall(r'"([A-Z][^"]+)"', re.sub(r"`[^`]*`", "", told)))
    assert quoted <= titles | shortened | {"Half are acknowledged within"}, quoted - titles - shortened
    assert set(re.findall(r"\*(Hypercare [^*]+)\*", told)) <= {view.name for view in VIEWS}
    assert all(f"({'dashboards/' + one.id.removeprefix('hypercare-')}.html)" in PAGE for one in DASHBOARDS)


@pytest.mark.parametrize("name", ["dashboards.md", "questions.md"])
def test_what_a_question_says_to_click_is_on_that_dashboard(name: str) -> None:
    told = re.sub(r"\s+", " ", (DOCS / name).read_text())
    there = {(one.title, panel.title) for one in DASHBOARDS for panel in one.panels}
    said = [
        (dashboard, title)
        for dashboard, titles in re.findall(r'\*([A-Z][A-Za-z -]+)\*, ((?:"[^"]+"(?:, | and )?)+)', told)
        if dashboard in {one.title for one in DASHBOARDS}
        for title in re.findall(r'"([^"]+?),?"', titles)
    ]
    assert len(said) >= 10
    assert sorted(set(said) - there) == []


def test_fields_in_its_queries_exist() -> None:
    asked = {
        field
        for quoted in re.findall(r"`([^`\n]+)`", PAGE)
        for field in re.findall(r"\b([a-z_@]+(?:\.[a-z_]+)+)(?=: | >= |$)", quoted)
        if not quoted.endswith((".py", ".ndjson"))
    }
    assert len(asked) > 10
    assert asked <= known_fields()


def test_numbers_and_settings_are_right() -> None:
    words = {6: "Six", 10: "ten", 11: "eleven", 12: "twelve"}
    assert PAGE.split("\n")[2].startswith(f"{words[len(DASHBOARDS)]} dashboards, {words[len(VIEWS)]} data views")
    assert f"{words[len(SEARCHES)]} saved searches" in PAGE
    assert all(name in PAGE for name in SETTINGS)


def test_every_field_that_is_asked_for_is_mapped() -> None:
    known = known_fields() | KNOWN_OF_KIBANA
    for dashboard in DASHBOARDS:
        for panel in dashboard.charts:
            for layer in panel.layers:
                assert set(layer.fields()) <= known, panel.name
        assert {control.field for control in dashboard.controls} <= known
    for search in SEARCHES:
        assert set(search.columns) <= known, search.id


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_whatever_is_charted_listed_or_filtered_by_has_a_name_and_a_meaning(view: DataView) -> None:
    layers = [layer for one in DASHBOARDS for panel in one.charts for layer in panel.layers if layer.view is view]
    used = {name for layer in layers for name in layer.fields()}
    used |= {control.field for one in DASHBOARDS for control in one.controls if control.view is view}
    used |= {name for search in SEARCHES if search.view is view for name in search.columns} | set(view.runtime)
    assert sorted(used - set(view.labels)) == []
    assert sorted(set(view.labels) - known_fields() - KNOWN_OF_KIBANA) == []
    assert all(name and meaning for name, meaning in view.labels.values())
    names = [name for name, _ in view.labels.values()]
    assert sorted({name for name in names if names.count(name) > 1}) == [], "two fields that nobody could tell apart"
