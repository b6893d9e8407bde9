"""The file that Kibana imports: nothing in it that a Kibana from 8.8 on would refuse, drop or not find."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from sinks.kibana.catalogue import DASHBOARDS, export, saved_objects, tag_of
from sinks.kibana.dashboards.parts import CALM, RED
from sinks.kibana.panels import COLUMNS, Dashboard, Figure, Listing, SavedSearch, Table, Words
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


def _panel(panels: list[Object], name: str) -> Object:
    return next(panel for panel in panels if panel["panelIndex"] == name)


def _lens(panels: list[Object]) -> Object:
    state: Object = _panel(panels, "ranked")["embeddableConfig"]["attributes"]["state"]
    return state


def _marks(panels: list[Object]) -> Object:
    """The first chart that has any."""
    states = (panel["embeddableConfig"].get("attributes", {}).get("state", {}) for panel in panels)
    return next(said["visualization"] for said in states if "annotations" in json.dumps(said))


BROKEN: dict[str, Callable[[list[Object]], object]] = {
    "twice": lambda objects: objects.append(objects[0]),
    "is not in the file": lambda objects: objects.pop(0),
    "another version": lambda objects: objects[0].update(typeMigrationVersion="10.2.0"),
    "is missing": lambda objects: _first_dashboard(objects)["references"].pop(0),
    "is not used": lambda objects: _first_dashboard(objects)["references"].append(
        {"type": "tag", "id": "hypercare-tag", "name": "nothing"}
    ),
    "overlap": lambda objects: _panels(objects, lambda panels: _panel(panels, "urgent")["gridData"].update(x=0)),
    "beside the grid": lambda objects: _panels(
        objects, lambda panels: _panel(panels, "urgent")["gridData"].update(x=47)
    ),
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
        objects,
        lambda panels: _panel(panels, "ranked")["embeddableConfig"]["attributes"]["references"][0].update(id="other"),
    ),
    "nothing looks like it": lambda objects: _panels(
        objects, lambda panels: _lens(panels)["visualization"]["columns"][0].pop("oneClickFilter")
    ),
    "marks of every other project": lambda objects: _panels(
        objects, lambda panels: _marks(panels)["layers"][-1].update(ignoreGlobalFilters=True)
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


FIGURES = [(dashboard, panel) for dashboard in DASHBOARDS for panel in dashboard.charts if isinstance(panel, Figure)]


@pytest.mark.parametrize(("dashboard", "panel"), FIGURES, ids=[f"{one.id}-{panel.name}" for one, panel in FIGURES])
def test_a_number_has_one_name_and_is_only_coloured_by_what_it_is(dashboard: Dashboard, panel: Figure) -> None:
    stored = _panel(json.loads(_named(dashboard.id)["attributes"]["panelsJSON"]), panel.name)
    config = stored["embeddableConfig"]
    state = config["attributes"]["state"]
    assert config["hidePanelTitles"], "it would stand there twice"
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    assert [column["label"] for column in layer["columns"].values()] == [panel.title]
    assert "color" not in state["visualization"], "a red tile that says 0"
    if "palette" in state["visualization"]:
        params = state["visualization"]["palette"]["params"]
        begins, ends = ([stop["stop"] for stop in params[name]] for name in ("colorStops", "stops"))
        assert begins == sorted(set(begins))
        assert begins[0] == params["rangeMin"] == 0
        assert ends[:-1] == begins[1:]
        assert ends[-1] > begins[-1]
        assert params["steps"] == len(begins) <= params["maxSteps"]


def test_of_what_counts_as_soon_as_there_is_any_nothing_is_calm_and_one_is_not() -> None:
    urgent = next(
        panel for dashboard, panel in FIGURES if (dashboard.id, panel.name) == ("hypercare-overview", "urgent")
    )
    number = urgent.layers[0].numbers[0]
    assert number.colour_of(0) == CALM
    assert number.colour_of(1) == number.colour_of(1_000) == RED


def test_a_share_that_is_bad_has_the_same_colour_in_a_number_a_cell_and_a_heat_map() -> None:
    panels = json.loads(_named("hypercare-gateway")["attributes"]["panelsJSON"])
    drawn = {
        name: _panel(panels, name)["embeddableConfig"]["attributes"]["state"]["visualization"]
        for name in ("failed-share", "routes", "routes-upstreams")
    }
    (cell,) = [column for column in drawn["routes"]["columns"] if column.get("colorMode") == "cell"]
    heat = drawn["routes-upstreams"]["palette"]
    assert heat["accessor"] == drawn["routes-upstreams"]["valueAccessor"]
    assert cell["palette"]["params"] == drawn["failed-share"]["palette"]["params"] == heat["params"]


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.id)
def test_each_begins_with_the_way_to_the_others_and_a_menu_of_projects(dashboard: Dashboard) -> None:
    links = dashboard.panels[0]
    assert isinstance(links, Words)
    linked = set(re.findall(r"\[[^\]]+\]\(#/view/([a-z-]+)\)", links.markdown))
    assert linked == {one.id for one in DASHBOARDS} - {dashboard.id}
    assert all(one.title in links.markdown for one in DASHBOARDS)
    assert dashboard.controls[0].field == "hypercare.project"


def _named(identifier: str) -> Object:
    return next(one for one in saved_objects() if one["id"] == identifier)


def test_the_tag_tells_two_files_apart_so_that_what_no_comparison_sees_is_imported_too() -> None:
    others = [one for one in saved_objects() if one["type"] != "tag"]
    said = tag_of(others).about
    changed = json.loads(json.dumps(others))
    panels = json.loads(changed[-1]["attributes"]["panelsJSON"])
    panels[1]["embeddableConfig"]["attributes"]["state"]["visualization"]["legend"]["position"] = "right"
    changed[-1]["attributes"]["panelsJSON"] = json.dumps(panels)
    assert said in {one["attributes"].get("description") for one in saved_objects()}
    assert tag_of(changed).about != said


GRID_PX, GAP_PX = 20, 8
"""Of Kibana: ``DASHBOARD_GRID_HEIGHT`` and ``DASHBOARD_MARGIN_SIZE``."""
AROUND_PX, LINE_PX = 36 + 50 + 48, 34
"""Title, a head of two lines and the pages below a table; a row of it."""


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.id)
def test_a_table_has_room_for_a_few_of_its_rows(dashboard: Dashboard) -> None:
    for row in dashboard.rows:
        room = row.height * GRID_PX + (row.height - 1) * GAP_PX - AROUND_PX
        for panel in row.panels:
            if isinstance(panel, Table | Listing):
                assert room >= 3 * LINE_PX, panel.name
