"""Where calls are sampled, dashboards say what that means for their numbers."""

from __future__ import annotations

import pytest

from sinks.elasticsearch.sampling import ALL, Sampling
from sinks.kibana.catalogue import DASHBOARDS, export, saved_objects
from sinks.kibana.panels import Dashboard, Words
from sinks.kibana.preview.filled import fill
from sinks.kibana.preview.page import page
from sinks.kibana.sampled import as_sampled
from sinks.kibana.saved_objects import ndjson
from tests.unit.kibana.lint import complaints
from tests.unit.kibana.test_preview import PERIOD, nothing

SAMPLE, NONE = Sampling("sample", one_in=7), Sampling("none")


def titles(dashboard: Dashboard) -> dict[str, str]:
    return {panel.name: panel.title for panel in dashboard.panels}


def test_nothing_is_said_where_every_call_has_a_document() -> None:
    assert [as_sampled(one, ALL) for one in DASHBOARDS] == list(DASHBOARDS)
    assert ndjson(saved_objects(ALL)) == export()


@pytest.mark.parametrize("sampling", [SAMPLE, NONE])
@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda one: one.id)
def test_a_page_with_calls_says_it_at_its_top(dashboard: Dashboard, sampling: Sampling) -> None:
    told = as_sampled(dashboard, sampling)
    if dashboard.id == "hypercare-triage":
        assert told == dashboard, "there are no calls on it"
        return
    note = told.panels[1]
    assert isinstance(note, Words)
    assert ("one in 7" in note.markdown) == (sampling is SAMPLE)
    assert list(titles(told)) == ["pages", "sampled", *list(titles(dashboard))[1:]]


@pytest.mark.parametrize("sampling", [SAMPLE, NONE])
def test_only_what_counts_people_of_all_calls_is_named_a_lower_bound(sampling: Sampling) -> None:
    changed = {
        (dashboard.id, name)
        for dashboard in DASHBOARDS
        for name, title in titles(as_sampled(dashboard, sampling)).items()
        if name != "sampled" and title != titles(dashboard)[name]
    }
    assert changed == {("hypercare-go-live", "adoption")}, "who was hit by failing calls is all there"


@pytest.mark.parametrize("sampling", [SAMPLE, NONE])
def test_nobody_would_complain_about_that_file_either(sampling: Sampling) -> None:
    assert list(complaints(ndjson(saved_objects(sampling)))) == []


def test_the_preview_says_so_too() -> None:
    overview = as_sampled(DASHBOARDS[0], SAMPLE)
    text = page(overview, fill(nothing, overview, PERIOD), PERIOD, "")
    assert "one in 7" in text
    assert text.count("<section") == len(overview.panels)
