"""Conditions, buckets and measures that several dashboards use, and the colours they are drawn in.

The colours keep apart for the colour-blind: Okabe and Ito, "Color Universal Design", 2008, darkened where they carry
thin lines.
"""

from __future__ import annotations

from dataclasses import replace

from sinks.kibana.columns import COUNT, MILLISECONDS, MINUTES, PERCENT, Bands, Format, Number, Terms, Times
from sinks.kibana.conditions import All, AtLeast, is_
from sinks.kibana.panels import Control, Figure, Layer, Mark, Row, Words
from sinks.kibana.views import AUDIT, CALLS, FEEDBACK, INCIDENTS, PREFIX, SIGNALS

BLUE, ORANGE, GREEN, RED, GREY, PURPLE = "#0072b2", "#b06f00", "#00795c", "#c0440a", "#69707d", "#a8527f"
OVERVIEW, TRIAGE, GATEWAY, INCIDENT, PIPELINE, GO_LIVE = (
    PREFIX + name for name in ("overview", "triage", "gateway", "incident", "pipeline", "go-live")
)
PAGES = {
    OVERVIEW: "Overview",
    TRIAGE: "Feedback triage",
    GATEWAY: "API and gateway health",
    INCIDENT: "Incident",
    PIPELINE: "Pipeline",
    GO_LIVE: "After go-live",
}
"""Ids of the dashboards with their titles; they lead to each other."""
CALM = "#dff2ec"
ALARM_IF_ANY: Bands = ((0.0, CALM), (0.5, RED))
WATCH_IF_ANY: Bands = ((0.0, CALM), (0.5, ORANGE))
"""Of counts; halfway, so that it does not matter on which side of its end a band is taken to end."""
FAILING: Bands = ((0.0, CALM), (0.01, "#f3d9a8"), (0.05, ORANGE), (0.2, RED))
"""One call in a hundred is what a service level usually allows; one in twenty meets everybody; one in five: down."""
WIDE, HALF, THIRD, QUARTER, SIXTH = 48, 24, 16, 12, 8

FAILED = AtLeast("hypercare.failed", 1)
OPEN = is_("hypercare.incident.open", True)
URGENT = is_("hypercare.incident.severity", "S1", "S2")
WEEK_AGO = "1w"

calls = Number("Calls", field="hypercare.failed")
"""Every call has one value there, those too that a document of a sample stands for."""
failed = Number("Failed", where=FAILED, colour=RED)
failed_share = Number("Failing share", "average", "hypercare.failed", format=PERCENT, colour=RED, bands=FAILING)
p95 = Number("95 % within", "percentile", "hypercare.latency.total_ms", format=MILLISECONDS, colour=BLUE)
by_time = Times()
by_route = Terms("Route", "http.route", 10)
FIXES = Mark(
    "fixes", "A fix went live", AUDIT, All((is_("event.action", "fix", "verify"), is_("event.outcome", "success")))
)
"""What moves an incident to *fix deployed* or *verifying*."""
DEPLOYMENTS = Mark("deployments", "A deployment", SIGNALS, is_("hypercare.signal.kind", "deployment"), "message")
PROJECT = Control("project", "Project", "hypercare.project", CALLS)
PROJECT_OF_FEEDBACK = Control("project", "Project", "hypercare.project", FEEDBACK)
PROJECT_OF_INCIDENTS = Control("project", "Project", "hypercare.project", INCIDENTS)
ROUTE = Control("route", "Route", "http.route", CALLS)
UPSTREAM = Control("upstream", "Upstream", "service.name", CALLS)


def figure(name: str, title: str, layer: Layer, about: str = "", *, bands: Bands = ()) -> Figure:
    """One number, drawn with the title as its name."""
    (number,) = layer.numbers
    named = replace(number, label=title, bands=bands or number.bands)
    return Figure(name, title, about, SIXTH, (replace(layer, numbers=(named,)),))


def pages(here: str) -> Row:
    """Where else to look, at the top of a dashboard."""
    links = " · ".join(f"**{title}**" if one == here else f"[{title}](#/view/{one})" for one, title in PAGES.items())
    why = f"look at [{PAGES[PIPELINE]}](#/view/{PIPELINE})" if here != PIPELINE else "ask `hypercare status`"
    text = f"{links}  \nNothing to see? Widen the time at the top right, or {why}."
    return Row(4, (Words("pages", "Pages", text),))


def latest(label: str, field: str, *, by_time: str = "@timestamp") -> Number:
    """A text as it is now."""
    return Number(label, "last_value", field, kind="string", by_time=by_time)


def moment(label: str, field: str) -> Number:
    """The latest time in a field."""
    return Number(label, "max", field, kind="date")


def most(label: str, field: str, shown: Format = COUNT) -> Number:
    """The largest number; of a document that stands for itself, its own."""
    return Number(label, "max", field, format=shown)


def minutes(label: str, field: str) -> Number:
    """The median of a length of time."""
    return Number(label, "percentile", field, format=MINUTES, percent=50)


def week_before(number: Number) -> Number:
    """The same a week earlier, in grey."""
    return Number(
        f"{number.label}, a week before", number.operation, number.field, number.where, number.format, number.percent,
        WEEK_AGO, colour=GREY,
    )  # fmt: skip
