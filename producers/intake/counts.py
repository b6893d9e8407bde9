"""What the intake counts, for Prometheus: one list, on a page of its own."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Counts:
    """Counters of one intake; every request and every item ends up in one of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = Counter(
            "hypercare_intake_events", "Events that Kafka has confirmed", ("purpose",), registry=self.registry
        )
        self.refused = Counter(
            "hypercare_intake_refused", "Requests that were refused", ("status", "reason"), registry=self.registry
        )
        self.ignored = Counter(
            "hypercare_intake_ignored",
            "Webhooks and records that say nothing of use",
            ("purpose", "reason"),
            registry=self.registry,
        )
        self.dead_letters = Counter(
            "hypercare_intake_dead_letters",
            "Records of webhooks kept as dead letters",
            ("purpose", "reason"),
            registry=self.registry,
        )
        self.reading = Gauge("hypercare_intake_reading_bytes", "Bytes of requests being read", registry=self.registry)

    def page(self) -> bytes:
        """All of them in the text format."""
        return generate_latest(self.registry)
