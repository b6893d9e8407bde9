"""*Feedback triage*: which problems grow, what waits for a person, which calls stand behind what is said."""

from __future__ import annotations

from sinks.kibana.columns import POINTS, SHARE, Filters, Format, Number, Terms
from sinks.kibana.conditions import All, AtLeast, Below, Has, is_
from sinks.kibana.dashboards.parts import (
    ALARM_IF_ANY,
    GATEWAY,
    HALF,
    INCIDENT,
    PAGES,
    PROJECT_OF_FEEDBACK,
    THIRD,
    TRIAGE,
    WATCH_IF_ANY,
    WIDE,
    by_time,
    figure,
    latest,
    moment,
    most,
    pages,
)  # fmt: skip
from sinks.kibana.panels import Chart, Control, Dashboard, Donut, Layer, Listing, Row, Table
from sinks.kibana.searches import MESSAGES, NEEDS_TRIAGE, SUGGESTED
from sinks.kibana.views import FEEDBACK, GROUPS

messages = Number("Messages")
people = Number("People", "unique_count", "user.hash")
SEVERITY = "hypercare.severity"
BANDS = (
    ("light", Below(SEVERITY, 0.33)),
    ("middling", All((AtLeast(SEVERITY, 0.33), Below(SEVERITY, 0.66)))),
    ("severe", AtLeast(SEVERITY, 0.66)),
)
"""As the impact of an incident is divided: high from .66, medium from .33."""

said = figure("messages", "Messages", Layer(FEEDBACK, (messages,)))
reporters = figure("people", "People who wrote", Layer(FEEDBACK, (people,)))
waiting = figure(
    "waiting", "Wait for a person", Layer(FEEDBACK, (Number("Wait", where=is_("hypercare.needs_triage", True)),)),
    bands=WATCH_IF_ANY,
)  # fmt: skip
linked = figure(
    "linked", "With failing calls behind", Layer(FEEDBACK, (Number("Linked", where=is_("hypercare.match", "linked")),))
)
secret = figure(
    "restricted", "May speak of a weakness",
    Layer(FEEDBACK, (Number("Restricted", where=is_("hypercare.restricted", True)),)),
    bands=ALARM_IF_ANY,
)  # fmt: skip
foreign = figure(
    "foreign", "In a language not understood",
    Layer(FEEDBACK, (Number("Messages", where=is_("hypercare.language_supported", False)),)),
)  # fmt: skip
growing = Table(
    "groups", "Problems, by reports in the last hour",
    "Groups reported in this time; usual is what an hour brings. A click leads to their calls.", WIDE,
    (
        Layer(
            GROUPS,
            (
                most("Last hour", "hypercare.group.last_hour"),
                most("Usual", "hypercare.group.expected_hour", POINTS),
                most("Reports", "hypercare.group.reports"),
                most("People", "hypercare.group.reporters"),
                latest("In their words", "hypercare.group.title", by_time="event.end"),
                latest("About", "hypercare.category", by_time="event.end"),
                moment("Latest", "event.end"),
            ),
            (Terms("Group", "hypercare.group.id", 25),),
        ),
    ),
    leads_to=INCIDENT, rows=15,
)  # fmt: skip
categories = Chart(
    "categories", "What it is about", "", HALF,
    (Layer(FEEDBACK, (messages,), (Terms("Category", "hypercare.category", 8), by_time)),), series="bar_stacked",
)  # fmt: skip
bands = Chart(
    "severity", "How bad it is for whoever wrote", "From the words and the calls behind them.", HALF,
    (Layer(FEEDBACK, (messages,), (Filters("Severity", BANDS), by_time)),), series="bar_stacked",
)  # fmt: skip
words = Chart(
    "words", "Words that decided", "Those by which the category was chosen.", THIRD,
    (Layer(FEEDBACK, (messages,), (Terms("Word", "hypercare.category_words", 15),)),), series="bar_horizontal",
)  # fmt: skip
languages = Donut(
    "languages", "Languages", "", THIRD,
    (Layer(FEEDBACK, (messages,), (Terms("Language", "hypercare.language", 8),)),),
)  # fmt: skip
channels = Table(
    "channels", "Channels", "", THIRD,
    (
        Layer(
            FEEDBACK,
            (
                messages,
                people,
                Number("Mean score", "average", "hypercare.score", format=POINTS),
                Number("Mean rating", "average", "hypercare.rating.value", format=Format(decimals=1)),
            ),
            (Terms("Channel", "hypercare.channel", 9),),
        ),
    ),
)  # fmt: skip
behind = Table(
    "behind", "Calls behind complaints", "By group and route; a click leads to the calls of that route.", WIDE,
    (
        Layer(
            FEEDBACK,
            (
                messages,
                people,
                Number("Surest link", "max", "hypercare.links.probability", format=SHARE),
            ),
            (Terms("Group", "hypercare.group.title", 10), Terms("Route", "hypercare.links.route", 3)),
        ),
    ),
    Has("hypercare.links.call"), GATEWAY,
)  # fmt: skip
traces = Table(
    "traces", "Complaints that name a trace", "A click leads to the calls of that trace.", WIDE,
    (
        Layer(
            FEEDBACK,
            (
                messages,
                latest("About", "hypercare.category"),
                latest("Group", "hypercare.group.title"),
                latest("Route", "hypercare.links.route"),
                moment("Latest", "@timestamp"),
            ),
            (Terms("Trace", "trace.id", 25),),
        ),
    ),
    Has("trace.id"), GATEWAY,
)  # fmt: skip

DASHBOARD = Dashboard(
    TRIAGE,
    PAGES[TRIAGE],
    "Which problems grow, what waits for a person, which calls stand behind what is said.",
    (
        pages(TRIAGE),
        Row(6, (said, reporters, waiting, linked, secret, foreign)),
        Row(16, (growing,)),
        Row(11, (categories, bands)),
        Row(12, (words, languages, channels)),
        Row(14, (behind,)),
        Row(14, (traces,)),
        Row(14, (Listing("needs-triage", NEEDS_TRIAGE),)),
        Row(12, (Listing("suggested", SUGGESTED),)),
        Row(16, (Listing("all-messages", MESSAGES),)),
    ),
    (
        PROJECT_OF_FEEDBACK,
        Control("category", "Category", "hypercare.category", FEEDBACK),
        Control("channel", "Channel", "hypercare.channel", FEEDBACK),
        Control("language", "Language", "hypercare.language", FEEDBACK),
    ),
    "now-7d",
)
