"""*After go-live*: day by day, against a week before; what is forecast; who has come over to the new system."""

from __future__ import annotations

from sinks.kibana.columns import HOURS, MILLISECONDS, PERCENT, Format, Number, Terms, Times
from sinks.kibana.conditions import is_
from sinks.kibana.dashboards.parts import (
    BLUE,
    DEPLOYMENTS,
    FIXES,
    GO_LIVE,
    GREEN,
    HALF,
    INCIDENT,
    PAGES,
    PROJECT,
    RED,
    THIRD,
    WIDE,
    calls,
    failed_share,
    latest,
    moment,
    most,
    p95,
    pages,
    week_before,
)  # fmt: skip
from sinks.kibana.panels import Chart, Control, Dashboard, Layer, Row, Table
from sinks.kibana.views import CALLS, FEEDBACK, FINDINGS, INCIDENTS_OPENED

by_day = Times("Day", interval="1d")
users = Number("Users", "unique_count", "user.hash", colour=BLUE)

volume = Chart(
    "volume",
    "Calls a day",
    "",
    THIRD,
    (Layer(CALLS, (calls, week_before(calls)), (by_day,)),),
    marks=(FIXES, DEPLOYMENTS),
)
failing = Chart(
    "failing", "Failing share a day", "", THIRD,
    (Layer(CALLS, (failed_share, week_before(failed_share)), (by_day,)),), marks=(FIXES, DEPLOYMENTS),
)  # fmt: skip
slow = Chart(
    "slow",
    "Duration (95 %) a day",
    "",
    THIRD,
    (Layer(CALLS, (p95, week_before(p95)), (by_day,)),),
    marks=(FIXES, DEPLOYMENTS),
)
feedback = Chart(
    "feedback", "Messages a day", "", HALF,
    (Layer(FEEDBACK, (Number("Messages"),), (Terms("Category", "hypercare.category", 8), by_day)),),
    series="bar_stacked",
)  # fmt: skip
incidents = Chart(
    "incidents", "Incidents a day", "Opened, and resolved, closed or put aside.", HALF,
    (
        Layer(INCIDENTS_OPENED, (Number("New", colour=RED),), (Times("Day", "hypercare.incident.opened_at", "1d"),)),
        Layer(INCIDENTS_OPENED, (Number("Ended", colour=GREEN),), (Times("Day", "event.end", "1d"),)),
    ),
    series="bar",
)  # fmt: skip
adoption = Chart(
    "adoption", "Users a day", "People whose calls name them; of a sample, those who were seen.", THIRD,
    (Layer(CALLS, (users,), (by_day,)),),
    series="bar",
)  # fmt: skip
releases = Chart(
    "releases", "Calls by release", "How fast the new one is taken.", THIRD,
    (Layer(CALLS, (calls,), (Terms("Release", "service.version", 6), by_day)),), series="bar_percentage_stacked",
)  # fmt: skip
ratings = Chart(
    "ratings", "Mean rating a day", "By the scale it was given on.", THIRD,
    (
        Layer(
            FEEDBACK,
            (Number("Mean rating", "average", "hypercare.rating.value", format=Format(decimals=1)),),
            (Terms("Scale", "hypercare.rating.scale", 4), by_day),
        ),
    ),
)  # fmt: skip
before = Table(
    "before", "Worse than before the go-live", "As compared with the baseline that was imported.", WIDE,
    (
        Layer(
            FINDINGS,
            (
                moment("Latest", "@timestamp"),
                latest("Where", "hypercare.finding.cause"),
                latest("Now", "hypercare.finding.state"),
                Number("95 % now", "last_value", "hypercare.finding.p95_ms", format=MILLISECONDS),
                Number("95 % before", "last_value", "hypercare.finding.before_p95_ms", format=MILLISECONDS),
                Number("Failing before", "last_value", "hypercare.finding.before_share", format=PERCENT),
            ),
            (Terms("Finding", "hypercare.finding.id", 15),),
        ),
    ),
    is_("hypercare.finding.kind", "worse_than_before"), INCIDENT,
)  # fmt: skip
ahead = Table(
    "ahead", "What is forecast, and what burns too fast", "Time left to a limit; how many times too fast.", WIDE,
    (
        Layer(
            FINDINGS,
            (
                moment("Latest", "@timestamp"),
                latest("Where", "hypercare.finding.cause"),
                latest("Kind", "hypercare.finding.kind"),
                latest("Now", "hypercare.finding.state"),
                Number("Hours left", "min", "hypercare.finding.breach_h", format=HOURS),
                most("Too fast by", "hypercare.finding.burn_long", Format(decimals=1)),
            ),
            (Terms("Finding", "hypercare.finding.id", 15),),
        ),
    ),
    is_("hypercare.finding.kind", "forecast", "burn_rate", "capacity"), INCIDENT,
)  # fmt: skip
kinds = Chart(
    "kinds", "What was found, a day", "Findings opened, by kind.", WIDE,
    (Layer(FINDINGS, (Number("Opened"),), (Terms("Kind", "hypercare.finding.kind", 12), by_day)),),
    is_("hypercare.finding.state", "opened"), series="bar_stacked",
)  # fmt: skip

DASHBOARD = Dashboard(
    GO_LIVE,
    PAGES[GO_LIVE],
    "Day by day against a week before, what is forecast, and who has come over to the new system.",
    (
        pages(GO_LIVE),
        Row(12, (volume, failing, slow)),
        Row(11, (feedback, incidents)),
        Row(11, (adoption, releases, ratings)),
        Row(11, (before,)),
        Row(11, (ahead,)),
        Row(10, (kinds,)),
    ),
    (PROJECT, Control("route", "Route", "http.route", CALLS)),
    "now-28d",
)
