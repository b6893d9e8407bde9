"""Everything that goes into a Kibana, and the file it is imported as."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sinks.elasticsearch.sampling import ALL, Sampling
from sinks.kibana.dashboards import gateway, go_live, incident, overview, pipeline, triage
from sinks.kibana.sampled import as_sampled
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
from sinks.kibana.views import CALLS, PREFIX, VIEWS

TAG_ID = f"{PREFIX}tag"
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


def first_settings(prefix: str = "") -> dict[str, str]:
    """What a space of our own begins with, where nobody has chosen otherwise: it opens on the overview."""
    return {
        "defaultRoute": f"/app/dashboards#/view/{prefix}{overview.DASHBOARD.id}",
        "defaultIndex": f"{prefix}{CALLS.id}",
    }


def saved_objects(sampling: Sampling = ALL) -> list[Object]:
    """Every object, those first that others refer to; dashboards say how calls are sampled."""
    others = [
        *(data_view_object(view) for view in VIEWS),
        *(search_object(search, (TAG_ID,)) for search in SEARCHES),
        *(dashboard_object(as_sampled(dashboard, sampling), (TAG_ID,)) for dashboard in DASHBOARDS),
    ]
    return [tag_object(tag_of(others)), *others]


def tag_of(others: Iterable[Object]) -> Tag:
    """What everything is found by. It names what it was imported with, since a comparison cannot see all of it.

    Kibana rewrites colours, links and legends in its own way; a tag's description it keeps as it is.
    """
    file = hashlib.blake2b(ndjson(others), digest_size=4).hexdigest()
    return Tag(TAG_ID, "Hypercare", f"What belongs to Hypercare (edition {file})", "#0072b2")


def export() -> bytes:
    """The file that Kibana imports."""
    return ndjson(saved_objects())
