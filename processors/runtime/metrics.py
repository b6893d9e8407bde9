"""Every metric of a stage, in one list; Prometheus names, the stage is a label of the scrape target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge

Unit = Literal[
    "records",
    "documents",
    "messages",
    "outputs",
    "writes",
    "events",
    "entries",
    "runs",
    "partitions",
    "records a second",
    "seconds",
    "0 or 1",
]


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric means; ``name`` is the one on the page, a counter's with ``_total``."""

    name: str
    kind: Literal["counter", "gauge"]
    unit: Unit
    labels: tuple[str, ...]
    meaning: str


REGISTRY = CollectorRegistry()
METRICS: list[Metric] = []


def _counter(name: str, unit: Unit, meaning: str, *labels: str) -> Counter:
    METRICS.append(Metric(f"{name}_total", "counter", unit, labels, meaning))
    return Counter(name, meaning, labels, registry=REGISTRY)


def _gauge(name: str, unit: Unit, meaning: str) -> Gauge:
    METRICS.append(Metric(name, "gauge", unit, (), meaning))
    return Gauge(name, meaning, registry=REGISTRY)


RECORDS = _counter("hypercare_records", "records", "Records read from Kafka", "topic")
OUTPUTS = _counter("hypercare_outputs", "outputs", "Outputs known to be written")
SKIPPED = _counter("hypercare_skipped", "records", "Records that needed no output", "reason")
DEAD_LETTERS = _counter("hypercare_dead_letters", "records", "Records kept as dead letters", "reason")
RETRIES = _counter("hypercare_retries", "writes", "Writes tried again", "reason")
DEGRADED = _counter("hypercare_degraded", "events", "Rules that failed on one event", "rule")
EVICTED = _counter("hypercare_evicted", "entries", "State entries given up for want of room", "table")
LATE_SUMS = _counter(
    "hypercare_late_sums", "messages", "Sums that came after their window had closed, or took some back"
)
LATE_SIGNALS = _counter(
    "hypercare_late_signals",
    "events",
    "Signals older than what is known of the same thing, which change nothing",
    "kind",
)
CLAMPED_SIGNALS = _counter(
    "hypercare_clamped_signals", "events", "Signals whose time was far from Kafka's, which was taken instead"
)
ACCEPTED = _counter("hypercare_accepted", "events", "Looks that set failing calls aside because so many were agreed")
NEVER_SERVED = _counter(
    "hypercare_never_served", "events", "Looks that left calls without a route aside, because none ever had one"
)
CAPPED = _counter("hypercare_capped", "entries", "Entries added to `other`, or sampled, for want of room", "what")
FORGOTTEN = _counter("hypercare_forgotten", "documents", "Documents emptied of what a forgotten person wrote or is")
GAPS = _counter("hypercare_gap_records", "records", "Records deleted from Kafka before they were read", "topic")
LAG = _gauge("hypercare_lag_records", "records", "Records readable and not yet safely delivered")
IN_FLIGHT = _gauge("hypercare_runs_in_flight", "runs", "Runs processed and not yet delivered")
ASSIGNED = _gauge("hypercare_partitions_assigned", "partitions", "Partitions this worker owns")
RATE = _gauge(
    "hypercare_records_per_second", "records a second", "Records read from Kafka, mean of the last 30 seconds"
)
STUCK = _gauge("hypercare_stuck_seconds", "seconds", "How long work has waited and nothing has moved; 0 when fine")
READY = _gauge("hypercare_ready", "0 or 1", "Whether it owns partitions and its receiver takes what it writes")
