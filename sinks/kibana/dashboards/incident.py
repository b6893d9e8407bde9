"""*Incident*: everything about one; the others lead here with its id, a group, a finding or a route as a filter."""

from __future__ import annotations

from sinks.kibana.columns import POINTS, Number, Terms
from sinks.kibana.conditions import Has
from sinks.kibana.dashboards.parts import (
    BLUE,
    HALF,
    INCIDENT,
    OVERVIEW,
    PAGES,
    PROJECT_OF_INCIDENTS,
    THIRD,
    WIDE,
    by_time,
    failed,
    latest,
    moment,
    most,
    pages,
)  # fmt: skip
from sinks.kibana.panels import Chart, Control, Dashboard, Layer, Listing, Row, Table, Words
from sinks.kibana.searches import DECISIONS, FAILED_CALLS, FINDING_CHANGES, MESSAGES, ONE_INCIDENT
from sinks.kibana.views import AUDIT, CALLS, FEEDBACK, FINDINGS, INCIDENTS

PARTS = "hypercare.incident.score.parts."
HOW = f"""**Choose one incident above, or click one in the [overview](#/view/{OVERVIEW}).** Its table below names its
*group*, *finding* and *route*: click one of them to see the messages, the findings and the calls that belong to it.
"""
by_id = Terms("Incident", "hypercare.incident.id", 10)

summary = Table(
    "summary", "What it is", "", WIDE,
    (
        Layer(
            INCIDENTS,
            (
                most("Score", "hypercare.incident.score.value", POINTS),
                latest("What is wrong", "hypercare.incident.title"),
                latest("Priority", "hypercare.incident.priority"),
                latest("Severity", "hypercare.incident.severity"),
                latest("State", "hypercare.incident.state"),
                latest("Owner", "hypercare.incident.owner"),
                latest("Blame", "hypercare.blame"),
                moment("Began", "hypercare.incident.onset"),
                moment("Noticed", "hypercare.incident.opened_at"),
                moment("Last evidence", "hypercare.incident.last_evidence_at"),
            ),
            (by_id,),
        ),
    ),
)  # fmt: skip
observed = Table(
    "observed", "Observed against expected", "Calls concerned, how many went wrong, how many were usual.", WIDE,
    (
        Layer(
            INCIDENTS,
            (
                most("Went wrong", "hypercare.incident.observed"),
                most("Calls", "hypercare.incident.calls"),
                most("Usual", "hypercare.incident.expected", POINTS),
                most("People", "hypercare.incident.users"),
                most("Reports", "hypercare.incident.reports"),
            ),
            (by_id, Terms("Attribute", "hypercare.incident.cause", 4)),
        ),
    ),
)  # fmt: skip
score = Table(
    "score", "Why it stands there", "What each part adds to the score, and the parts of the urgency, 0 to 1.", WIDE,
    (
        Layer(
            INCIDENTS,
            (
                most("Score", "hypercare.incident.score.value", POINTS),
                most("Impact", f"{PARTS}impact_points", POINTS),
                most("Urgency", f"{PARTS}urgency_points", POINTS),
                most("Both together", f"{PARTS}interaction_points", POINTS),
                most("Reach", f"{PARTS}reach", POINTS),
                most("Burn", f"{PARTS}burn", POINTS),
                most("Growth", f"{PARTS}growth", POINTS),
                most("Breach", f"{PARTS}breach", POINTS),
            ),
            (by_id,),
        ),
    ),
)  # fmt: skip
evidence = Table(
    "evidence", "How it is known", "Findings, groups of feedback and alerts that show it.", THIRD,
    (
        Layer(
            INCIDENTS,
            (
                most("Findings", "hypercare.incident.evidence_counts.finding"),
                most("Groups", "hypercare.incident.evidence_counts.group"),
                most("Alerts", "hypercare.incident.evidence_counts.alert"),
                most("Going on", "hypercare.incident.evidence_counts.active"),
            ),
            (by_id,),
        ),
    ),
)  # fmt: skip
to_findings = Table(
    "to-findings", "Its findings", "Click one to see only what belongs to it.", THIRD,
    (Layer(INCIDENTS, (Number("Incidents"),), (by_id, Terms("Finding", "hypercare.finding.id", 10))),),
    Has("hypercare.finding.id"), narrows=True,
)  # fmt: skip
to_groups = Table(
    "to-groups", "Its groups of feedback", "Click one to see only what belongs to it.", THIRD,
    (Layer(INCIDENTS, (Number("Incidents"),), (by_id, Terms("Group", "hypercare.group.id", 10))),),
    Has("hypercare.group.id"), narrows=True,
)  # fmt: skip
timeline = Chart(
    "timeline", "What happened", "Decisions and changes, by what was done.", HALF,
    (Layer(AUDIT, (Number("Entries"),), (Terms("Action", "event.action", 10), by_time)),),
    Has("hypercare.audit.incident"), series="bar_stacked",
)  # fmt: skip
together = Chart(
    "together", "Failing calls and messages", "Of all, unless a route or a group is chosen.", HALF,
    (
        Layer(CALLS, (failed,), (by_time,)),
        Layer(FEEDBACK, (Number("Messages", colour=BLUE),), (by_time,)),
    ),
)  # fmt: skip
found = Table(
    "found", "Findings, as they are now", "", WIDE,
    (
        Layer(
            FINDINGS,
            (
                moment("Latest", "@timestamp"),
                latest("Kind", "hypercare.finding.kind"),
                latest("Now", "hypercare.finding.state"),
                latest("Blame", "hypercare.blame"),
                Number("Went wrong", "last_value", "hypercare.finding.observed"),
                Number("Usual", "last_value", "hypercare.finding.expected", format=POINTS),
                Number("Calls", "last_value", "hypercare.finding.calls"),
            ),
            (Terms("Finding", "hypercare.finding.id", 15), Terms("Attribute", "hypercare.finding.cause", 4, None)),
        ),
    ),
)  # fmt: skip

DASHBOARD = Dashboard(
    INCIDENT,
    PAGES[INCIDENT],
    "Everything about one incident: why it stands there, what shows it, what was decided.",
    (
        pages(INCIDENT),
        Row(4, (Words("how", "How to use this page", HOW),)),
        Row(9, (summary,)),
        Row(9, (observed,)),
        Row(9, (score,)),
        Row(9, (evidence, to_findings, to_groups)),
        Row(11, (timeline, together)),
        Row(11, (found,)),
        Row(12, (Listing("one-incident", ONE_INCIDENT),)),
        Row(12, (Listing("finding-changes", FINDING_CHANGES, called="Findings, of the chosen one if there is one"),)),
        Row(12, (Listing("decisions", DECISIONS),)),
        Row(13, (Listing("its-messages", MESSAGES, called="Messages, of the chosen group if there is one"),)),
        Row(13, (Listing("its-calls", FAILED_CALLS, called="Failed calls, of the chosen route if there is one"),)),
    ),
    (
        PROJECT_OF_INCIDENTS,
        Control("incident", "Incident", "hypercare.incident.id", INCIDENTS),
        Control("route", "Route", "http.route", INCIDENTS),
        Control("group", "Group", "hypercare.group.id", INCIDENTS),
    ),
    "now-7d",
)
