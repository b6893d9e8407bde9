"""*Hypercare overview*: what is wrong now, is it getting better, what do people say and what do the calls say."""

from __future__ import annotations

from sinks.kibana.columns import POINTS, Filters, Number, Terms, Times
from sinks.kibana.conditions import All, AtLeast, Below, is_
from sinks.kibana.dashboards.parts import (
    ALARM_IF_ANY,
    DEPLOYMENTS,
    FIXES,
    GREEN,
    HALF,
    INCIDENT,
    OPEN,
    OVERVIEW,
    PAGES,
    PROJECT_OF_INCIDENTS,
    QUARTER,
    RED,
    THIRD,
    TRIAGE,
    URGENT,
    WATCH_IF_ANY,
    WIDE,
    by_time,
    calls,
    failed,
    failed_share,
    figure,
    latest,
    minutes,
    moment,
    most,
    p95,
    pages,
    week_before,
)  # fmt: skip
from sinks.kibana.panels import Chart, Dashboard, Donut, Layer, Listing, Row, Table
from sinks.kibana.searches import ALERTED
from sinks.kibana.views import CALLS, FEEDBACK, INCIDENTS, INCIDENTS_OPENED, MATRIX

BEGAN = "hypercare.incident.onset"
AGES = (  # in the order of the alphabet, too: Elasticsearch answers in that order
    ("0 to 1 hour", AtLeast(BEGAN, "now-1h")),
    ("1 to 4 hours", All((AtLeast(BEGAN, "now-4h"), Below(BEGAN, "now-1h")))),
    ("4 to 24 hours", All((AtLeast(BEGAN, "now-24h"), Below(BEGAN, "now-4h")))),
    ("over a day", Below(BEGAN, "now-24h")),
)
SCORE = "hypercare.incident.score.value"
SCORES = (  # in that order, too
    ("0 to 20", Below(SCORE, 20)),
    ("20 to 40", All((AtLeast(SCORE, 20), Below(SCORE, 40)))),
    ("40 to 60", All((AtLeast(SCORE, 40), Below(SCORE, 60)))),
    ("60 to 80", All((AtLeast(SCORE, 60), Below(SCORE, 80)))),
    ("80 to 100", AtLeast(SCORE, 80)),
)
LATE = is_("hypercare.incident.targets.fix.state", "late")
UNSEEN = is_("hypercare.incident.targets.acknowledge.state", "late")

incidents = Number("Incidents")
now = figure("open", "Open incidents", Layer(INCIDENTS, (Number("Open", where=OPEN),)))
urgent = figure(
    "urgent",
    "Of these S1 or S2",
    Layer(INCIDENTS, (Number("S1 or S2", where=All((OPEN, URGENT))),)),
    bands=ALARM_IF_ANY,
)
late = figure("late", "Fix is late", Layer(INCIDENTS, (Number("Late", where=All((OPEN, LATE))),)), bands=WATCH_IF_ANY)
called = figure("calls", "Calls", Layer(CALLS, (calls,)))
failing = figure("failed-share", "Calls that fail", Layer(CALLS, (failed_share,)))
slowest = figure("p95", "95 % of calls within", Layer(CALLS, (p95,)))

ranked = Table(
    "ranked", "What to fix next", "Open incidents, the highest score first. A click leads to all about one.", WIDE,
    (
        Layer(
            INCIDENTS,
            (
                most("Score", SCORE, POINTS),
                latest("Priority", "hypercare.incident.priority"),
                latest("Severity", "hypercare.incident.severity"),
                latest("What is wrong", "hypercare.incident.title"),
                latest("State", "hypercare.incident.state"),
                latest("Owner", "hypercare.incident.owner"),
                most("People", "hypercare.incident.users"),
                most("Reports", "hypercare.incident.reports"),
                moment("Began", BEGAN),
            ),
            (Terms("Incident", "hypercare.incident.id", 20),),
        ),
    ),
    OPEN, INCIDENT,
)  # fmt: skip
by_severity = Chart(
    "by-severity", "Open incidents by severity and state", "", QUARTER,
    (Layer(INCIDENTS, (incidents,), (
        Terms("Severity", "hypercare.incident.severity", 4, None),
        Terms("State", "hypercare.incident.state", 5),
    )),),
    OPEN, series="bar_stacked",
)  # fmt: skip
by_score = Chart(
    "by-score", "Open incidents by score", "", QUARTER,
    (Layer(INCIDENTS, (incidents,), (Filters("Score", SCORES),)),), OPEN, series="bar",
)  # fmt: skip
by_age = Chart(
    "by-age", "Open incidents by age", "Since they began, as far as is known.", QUARTER,
    (Layer(INCIDENTS, (incidents,), (Filters("Age", AGES),)),), OPEN, series="bar",
)  # fmt: skip
new_ended = Chart(
    "new-ended", "New against ended", "Opened, and resolved, closed or put aside, by when that happened.", QUARTER,
    (
        Layer(INCIDENTS_OPENED, (Number("New", colour=RED),), (Times(field="hypercare.incident.opened_at"),)),
        Layer(INCIDENTS_OPENED, (Number("Ended", colour=GREEN),), (Times(field="event.end"),)),
    ),
    series="bar",
)  # fmt: skip
volume = Chart(
    "volume", "Calls, and those that fail", "", THIRD,
    (Layer(CALLS, (calls, week_before(calls), failed), (by_time,)),), marks=(FIXES, DEPLOYMENTS),
)  # fmt: skip
share = Chart(
    "share", "Failing share against a week before", "", THIRD,
    (Layer(CALLS, (failed_share, week_before(failed_share)), (by_time,)),), marks=(FIXES, DEPLOYMENTS),
)  # fmt: skip
latency = Chart(
    "latency", "Duration (95 %) against a week before", "", THIRD,
    (Layer(CALLS, (p95, week_before(p95)), (by_time,)),), marks=(FIXES, DEPLOYMENTS),
)  # fmt: skip
about = Chart(
    "about", "Feedback by what it is about", "", HALF,
    (Layer(FEEDBACK, (Number("Messages"),), (Terms("Category", "hypercare.category", 8), by_time)),),
    leads_to=TRIAGE, series="bar_stacked",
)  # fmt: skip
channels = Donut(
    "channels", "Feedback by channel", "", QUARTER,
    (Layer(FEEDBACK, (Number("Messages"),), (Terms("Channel", "hypercare.channel", 9),)),), leads_to=TRIAGE,
)  # fmt: skip
compared = Table(
    "matrix", "Reported and observed, by route",
    "As counted last: complaints with failing calls behind them, failures nobody complained of, complaints alone.",
    WIDE,
    (
        Layer(
            MATRIX,
            (
                Number("Reported and observed", "last_value", "hypercare.matrix.total.reported_and_observed"),
                Number("Observed, not reported", "last_value", "hypercare.matrix.total.observed_not_reported"),
                Number("Reported, calls are fine", "last_value", "hypercare.matrix.total.reported_telemetry_green"),
            ),
            (Terms("Route", "http.route", 50, None),),
        ),
    ),
    is_("hypercare.matrix.kind", "route"), TRIAGE, sorted_by=0,
)  # fmt: skip
targets = Table(
    "targets", "Time to acknowledge and to end, against the targets",
    "Of incidents opened in this time; targets are those that were usual.", WIDE,
    (
        Layer(
            INCIDENTS_OPENED,
            (
                Number("Incidents"),
                minutes("Half are acknowledged within", "hypercare.incident.acknowledge_min"),
                minutes("Target to acknowledge", "hypercare.incident.acknowledge_target_min"),
                Number("Acknowledged too late", where=UNSEEN),
                minutes("Half end within", "hypercare.incident.resolve_min"),
                minutes("Target of the fix", "hypercare.incident.fix_target_min"),
                Number("Fix too late", where=LATE),
            ),
            (Terms("Severity", "hypercare.incident.severity", 4, None),),
        ),
    ),
)  # fmt: skip
nature = Donut(
    "nature", "Open incidents by nature", "", QUARTER,
    (Layer(INCIDENTS, (incidents,), (Terms("Nature", "hypercare.incident.nature", 5),)),), OPEN,
)  # fmt: skip

DASHBOARD = Dashboard(
    OVERVIEW,
    PAGES[OVERVIEW],
    "What is wrong now, whether it gets better, what people say and what the calls say.",
    (
        pages(OVERVIEW),
        Row(6, (now, urgent, late, called, failing, slowest)),
        Row(16, (ranked,)),
        Row(11, (by_severity, by_score, by_age, new_ended)),
        Row(11, (volume, share, latency)),
        Row(11, (about, channels, nature)),
        Row(10, (targets,)),
        Row(14, (compared,)),
        Row(12, (Listing("alerts", ALERTED),)),
    ),
    (PROJECT_OF_INCIDENTS,),
)
