"""The file that Kibana imports: nothing in it that a Kibana from 8.8 on would refuse, drop or not find."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sinks.kibana.catalogue import DASHBOARDS, export, saved_objects
from sinks.kibana.panels import COLUMNS, SavedSearch
from sinks.kibana.searches import SEARCHES
from sinks.kibana.views import VIEWS
from sinks.kibana.written import FILE
from tests.unit.kibana.lint import complaints

Object = dict[str, Any]


def test_nobody_would_complain_about_it() -> None:
    assert list(complaints(export())) == []


def test_the_same_file_comes_out_every_time() -> None:
    assert export() == export()
    assert export().endswith(b"\n")
    assert len(export().splitlines()) == len(saved_objects())


def test_the_file_in_the_repository_is_what_the_code_says() -> None:
    assert FILE.read_bytes() == export(), "write it with `make schemas`"


def test_everything_that_is_written_is_in_it() -> None:
    ids = {(one["type"], one["id"]) for one in saved_objects()}
    assert {("dashboard", dashboard.id) for dashboard in DASHBOARDS} < ids
    assert {("search", search.id) for search in SEARCHES} < ids
    assert {("index-pattern", view.id) for view in VIEWS} < ids


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.id)
def test_rows_fill_the_grid(dashboard: Any) -> None:
    assert all(sum(panel.width for panel in row.panels) == COLUMNS for row in dashboard.rows)


def test_a_click_leads_from_feedback_to_calls_and_from_the_overview_to_an_incident() -> None:
    leads = {
        (dashboard.id, panel.name): panel.leads_to
        for dashboard in DASHBOARDS
        for panel in dashboard.charts
        if panel.leads_to
    }
    assert leads["hypercare-triage", "traces"] == "hypercare-gateway"
    assert leads["hypercare-overview", "ranked"] == "hypercare-incident"
    assert set(leads.values()) <= {dashboard.id for dashboard in DASHBOARDS}


def test_only_what_everybody_may_read_is_looked_at() -> None:
    assert not any("restricted" in view.pattern for view in VIEWS)
    assert not any(view.pattern.startswith("hypercare-feedback*") for view in VIEWS), "it would match restricted ones"


def _first_dashboard(objects: list[Object]) -> Object:
    return next(one for one in objects if one["type"] == "dashboard")


def _panels(objects: list[Object], change: Callable[[list[Object]], object]) -> None:
    attributes = _first_dashboard(objects)["attributes"]
    panels = json.loads(attributes["panelsJSON"])
    change(panels)
    attributes["panelsJSON"] = json.dumps(panels)


def _lens(panels: list[Object]) -> Object:
    state: Object = panels[6]["embeddableConfig"]["attributes"]["state"]
    return state


BROKEN: dict[str, Callable[[list[Object]], object]] = {
    "twice": lambda objects: objects.append(objects[0]),
    "is not in the file": lambda objects: objects.pop(0),
    "another version": lambda objects: objects[0].update(typeMigrationVersion="10.2.0"),
    "is missing": lambda objects: _first_dashboard(objects)["references"].pop(0),
    "is not used": lambda objects: _first_dashboard(objects)["references"].append(
        {"type": "tag", "id": "hypercare-tag", "name": "nothing"}
    ),
    "overlap": lambda objects: _panels(objects, lambda panels: panels[1]["gridData"].update(x=0)),
    "beside the grid": lambda objects: _panels(objects, lambda panels: panels[1]["gridData"].update(x=47)),
    "an empty row": lambda objects: _panels(objects, lambda panels: panels[-1]["gridData"].update(y=400)),
    "too new": lambda objects: _panels(objects, lambda panels: panels[0].update(splitAccessors=[])),
    "columnOrder": lambda objects: _panels(
        objects,
        lambda panels: next(iter(_lens(panels)["datasourceStates"]["formBased"]["layers"].values()))[
            "columnOrder"
        ].pop(),
    ),
    "not shown": lambda objects: _panels(objects, lambda panels: _lens(panels)["visualization"]["columns"].pop()),
    "means another": lambda objects: _panels(
        objects, lambda panels: panels[6]["embeddableConfig"]["attributes"]["references"][0].update(id="other")
    ),
    "half a time": lambda objects: _first_dashboard(objects)["attributes"].pop("timeTo"),
    "attributes {'invented'}": lambda objects: _first_dashboard(objects)["attributes"].update(invented=1),
}


@pytest.mark.parametrize("complaint", BROKEN)
def test_what_is_broken_is_noticed(complaint: str) -> None:
    objects = json.loads(json.dumps(saved_objects()))
    BROKEN[complaint](objects)
    file = "\n".join(json.dumps(one) for one in objects).encode()
    assert any(complaint in said for said in complaints(file)), list(complaints(file))


@pytest.mark.parametrize("saved", SEARCHES, ids=lambda saved: saved.id)
def test_every_column_of_a_list_has_a_name_a_person_understands(saved: SavedSearch) -> None:
    assert [name for name in saved.columns if name not in saved.view.labels] == []
