"""*Pipeline*: does everything that is sent arrive, and what could not be processed."""

from __future__ import annotations

from dataclasses import replace

from sinks.kibana.columns import MILLISECONDS, SECONDS, Format, Number, Terms
from sinks.kibana.conditions import Begins, Has, is_
from sinks.kibana.dashboards.parts import (
    ALARM_IF_ANY,
    HALF,
    INCIDENT,
    PAGES,
    PIPELINE,
    PROJECT,
    QUARTER,
    RED,
    THIRD,
    WATCH_IF_ANY,
    WIDE,
    by_time,
    calls,
    figure,
    latest,
    moment,
    pages,
)  # fmt: skip
from sinks.kibana.panels import Chart, Control, Dashboard, Layer, Listing, Row, Table, Words
from sinks.kibana.searches import DEAD
from sinks.kibana.views import CALLS, DEADLETTERS, FEEDBACK, FINDINGS, HEALTH

BLIND = is_("hypercare.finding.kind", "blind_spot")
UNINDEXED = Begins("error.code", "elasticsearch_")
"""Reasons of documents that Elasticsearch refused; see ``sinks/elasticsearch/judge.py``."""
NOT_HERE = """How many records wait before each stage, and stalls, are not in Elasticsearch: `hypercare status --watch`
shows them, and every worker serves them as metrics."""
letters = Number("Dead letters", colour=RED)
delay = Number("Told after", "percentile", "hypercare.delay_ms", format=MILLISECONDS)
wait = Number("Received after", "percentile", "hypercare.delay_s", format=SECONDS)

by_reason = Chart(
    "by-reason", "Dead letters by reason", "", THIRD,
    (Layer(DEADLETTERS, (letters,), (Terms("Reason", "error.code", 10), by_time)),), series="bar_stacked",
)  # fmt: skip
by_place = Table(
    "by-place", "Where they come from", "", WIDE - THIRD,
    (
        Layer(
            DEADLETTERS,
            (
                letters,
                Number("Size", "sum", "hypercare.dead_letter.bytes", format=Format("bytes", 1)),
                moment("Latest", "@timestamp"),
            ),
            (
                Terms("Reason", "error.code", 10), Terms("Stage", "hypercare.stage", 5),
                Terms("Topic", "hypercare.dead_letter.source.topic", 5),
            ),
        ),
    ),
)  # fmt: skip
arriving = Chart(
    "arriving", "Calls by gateway", "A line that ends is a gateway that is not heard any more.", HALF,
    (Layer(CALLS, (calls,), (Terms("Gateway", "observer.name", 10), by_time)),),
)  # fmt: skip
late = Chart(
    "late", "How late calls are told (95 %)",
    "Until it was understood and told: what shippers, Kafka and telemetry take; of an imported log, its age.",
    HALF,
    (Layer(CALLS, (delay,), (Terms("Gateway", "observer.name", 10), by_time)),),
)  # fmt: skip
held = Chart(
    "held", "How late feedback is told (95 %)", "From when it was written until it was received, by channel.", HALF,
    (Layer(FEEDBACK, (wait,), (Terms("Channel", "hypercare.channel", 9), by_time)),),
)  # fmt: skip
heard = Chart(
    "heard", "Feedback by source", "", HALF,
    (Layer(FEEDBACK, (Number("Messages"),), (Terms("System", "hypercare.source.system", 10), by_time)),),
    series="bar_stacked",
)  # fmt: skip
blind = Table(
    "blind", "Blind spots", "Who should be heard from and is not; nobody named: the whole project.", HALF,
    (
        Layer(
            FINDINGS,
            (
                moment("Latest", "@timestamp"),
                latest("Who", "hypercare.finding.cause"),
                latest("Now", "hypercare.finding.state"),
            ),
            (Terms("Finding", "hypercare.finding.id", 15),),
        ),
    ),
    BLIND, INCIDENT,
)  # fmt: skip
noted = Table(
    "noted", "What was changed in calls, or could not be worked out", "", QUARTER,
    (Layer(CALLS, (calls,), (Terms("Note", "hypercare.notes", 12),)),), Has("hypercare.notes"),
)  # fmt: skip
noted_of_feedback = Table(
    "noted-feedback", "The same of feedback", "", QUARTER,
    (Layer(FEEDBACK, (Number("Messages"),), (Terms("Note", "hypercare.notes", 12),)),), Has("hypercare.notes"),
)  # fmt: skip

DASHBOARD = Dashboard(
    PIPELINE,
    PAGES[PIPELINE],
    "Whether everything that is sent arrives, and what could not be processed.",
    (
        pages(PIPELINE),
        Row(
            6,
            (
                figure("letters", "Dead letters", Layer(DEADLETTERS, (letters,)), bands=ALARM_IF_ANY),
                figure(
                    "unindexed", "Refused by Elasticsearch", Layer(DEADLETTERS, (Number("Refused", where=UNINDEXED),)),
                    bands=ALARM_IF_ANY,
                ),
                figure(
                    "left-out", "Calls with a field left out", Layer(CALLS, (replace(calls, where=Has("_ignored")),)),
                    bands=WATCH_IF_ANY,
                ),
                figure(
                    "blind-spots", "Blind spots", Layer(
                        FINDINGS, (Number("Found", "unique_count", "hypercare.finding.id", where=BLIND),)
                    ),
                    bands=WATCH_IF_ANY,
                ),
                figure(
                    "corrected", "Windows corrected",
                    Layer(HEALTH, (Number("Corrections", where=is_("hypercare.health.correction", True)),)),
                ),
                figure(
                    "secrets", "Secrets masked", Layer(FEEDBACK, (Number("Secrets", "sum", "hypercare.masked.secret"),))
                ),
            ),
        ),
        Row(12, (by_reason, by_place)),
        Row(11, (arriving, heard)),
        Row(11, (late, held)),
        Row(11, (blind, noted, noted_of_feedback)),
        Row(4, (Words("not-here", "Not on this page", NOT_HERE),)),
        Row(15, (Listing("dead-letters", DEAD),)),
    ),
    (
        PROJECT,
        Control("stage", "Stage", "hypercare.stage", DEADLETTERS),
        Control("reason", "Reason", "error.code", DEADLETTERS),
    ),
)  # fmt: skip
