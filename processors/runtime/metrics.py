"""Every metric of a stage, in one list; Prometheus names, the stage is a label of the scrape target."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

REGISTRY = CollectorRegistry()

RECORDS = Counter("hypercare_records", "Records read from Kafka", ["topic"], registry=REGISTRY)
OUTPUTS = Counter("hypercare_outputs", "Outputs known to be written", registry=REGISTRY)
SKIPPED = Counter("hypercare_skipped", "Records that needed no output", ["reason"], registry=REGISTRY)
DEAD_LETTERS = Counter("hypercare_dead_letters", "Records kept as dead letters", ["reason"], registry=REGISTRY)
RETRIES = Counter("hypercare_retries", "Writes tried again", ["reason"], registry=REGISTRY)
DEGRADED = Counter("hypercare_degraded", "Rules that failed on one event", ["rule"], registry=REGISTRY)
EVICTED = Counter("hypercare_evicted", "State entries given up for want of room", ["table"], registry=REGISTRY)
GAPS = Counter(
    "hypercare_gap_records", "Records deleted from Kafka before they were read", ["topic"], registry=REGISTRY
)
LAG = Gauge("hypercare_lag_records", "Records readable and not yet safely delivered", registry=REGISTRY)
IN_FLIGHT = Gauge("hypercare_runs_in_flight", "Runs processed and not yet delivered", registry=REGISTRY)
ASSIGNED = Gauge("hypercare_partitions_assigned", "Partitions this worker owns", registry=REGISTRY)
