"""What a dashboard says where successful calls are sampled, or have no documents at all; see ``sampling``.

Counts, shares and durations of a sample are weighed. Distinct users cannot be: of those whose calls all went well only
some are seen. So a panel that counts them says that there are at least as many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sinks.elasticsearch.sampling import Sampling
from sinks.kibana.dashboards.parts import FAILED
from sinks.kibana.panels import Charted, Dashboard, Layer, Panel, Row, Words
from sinks.kibana.views import CALLS, HEALTH

AT_LEAST = "Successful calls are sampled: people of whom no call is among it are missing."
SAMPLE = """**Of successful calls one in {one_in} has a document.** Counts, shares and durations are weighed; lists show
what has a document, and people are those who were seen."""
NONE = f"""**Successful calls have no documents.** Counts and shares of calls on this page are of those that failed or
were slow; those of all calls are in the data view *{HEALTH.name}*."""


def as_sampled(dashboard: Dashboard, sampling: Sampling) -> Dashboard:
    """The same with what has to be known of its numbers; unchanged where every call has a document."""
    concerned = any(layer.view is CALLS for panel in dashboard.charts for layer in panel.layers)
    if sampling.successful == "all" or not concerned:
        return dashboard
    return replace(dashboard, rows=tuple(_rows(dashboard, sampling)))


def _rows(dashboard: Dashboard, sampling: Sampling) -> Iterator[Row]:
    """The note stands below the links to the other dashboards."""
    said = NONE if sampling.successful == "none" else SAMPLE.format(one_in=sampling.one_in)
    first, *rest = dashboard.rows
    yield first
    yield Row(4, (Words("sampled", "What has no document", said),))
    yield from (replace(row, panels=tuple(map(_at_least, row.panels))) for row in rest)


def _at_least(panel: Panel) -> Panel:
    if not isinstance(panel, Charted) or not any(map(counts_people, panel.layers)):
        return panel
    return replace(panel, title=f"{panel.title}, at least", about=f"{panel.about} {AT_LEAST}".strip())


def counts_people(layer: Layer) -> bool:
    """Whether it counts who is among calls that went well, too; calls that failed are all kept."""
    return layer.view is CALLS and any(
        number.operation == "unique_count" and number.where != FAILED for number in layer.numbers
    )
