"""Everything that goes into a Kibana, and the file it is imported as."""

from __future__ import annotations

from sinks.kibana.dashboards import gateway, go_live, incident, overview, pipeline, triage
from sinks.kibana.saved_objects import (
    Object,
    Tag,
    dashboard_object,
    data_view_object,
    ndjson,
    search_object,
    tag_object,
)
from sinks.kibana.searches import SEARCHES
from sinks.kibana.views import PREFIX, VIEWS

TAG = Tag(f"{PREFIX}tag", "Hypercare", "What belongs to Hypercare", "#0072b2")
DASHBOARDS = (
    overview.DASHBOARD,
    triage.DASHBOARD,
    gateway.DASHBOARD,
    incident.DASHBOARD,
    pipeline.DASHBOARD,
    go_live.DASHBOARD,
)
SETTINGS = {"courier:ignoreFilterIfFieldNotInIndex": True}
"""Advanced settings of the space: a filter on an incident must not empty the panels that show calls."""


def saved_objects() -> list[Object]:
    """Every object, those first that others refer to."""
    return [
        tag_object(TAG),
        *(data_view_object(view) for view in VIEWS),
        *(search_object(search, (TAG,)) for search in SEARCHES),
        *(dashboard_object(dashboard, (TAG,)) for dashboard in DASHBOARDS),
    ]


def export() -> bytes:
    """The file that Kibana imports."""
    return ndjson(saved_objects())
