"""Panels about the servers behind the gateway: up or not, how full they are, and what went live on them."""

from __future__ import annotations

from sinks.kibana.columns import MILLISECONDS, PERCENT, Number, Terms
from sinks.kibana.conditions import is_
from sinks.kibana.dashboards.parts import (
    BLUE,
    DEPLOYMENTS,
    GREEN,
    HALF,
    ORANGE,
    WIDE,
    by_time,
    latest,
    moment,
)  # fmt: skip
from sinks.kibana.panels import Chart, Layer, Row, Table
from sinks.kibana.views import SIGNALS

RESOURCES = ("cpu", "memory", "disk", "network")
KIND, USED = "hypercare.signal.kind", "hypercare.signal.used"

up = Number("Up", "average", "hypercare.signal.up", format=PERCENT, colour=GREEN)
used = Number("Used", "average", USED, format=PERCENT, colour=BLUE)
fullest = Number("Fullest", "max", USED, format=PERCENT, colour=ORANGE)
instance = Terms("Instance", "hypercare.signal.instance", 8)

uptime = Table(
    "uptime", "Up or not", "What monitors reached, in the share of their checks.", HALF,
    (
        Layer(
            SIGNALS,
            (
                up, Number("Checks"),
                Number("Answered in", "average", "hypercare.signal.latency_ms", format=MILLISECONDS),
                moment("Latest", "@timestamp"),
            ),
            (Terms("Monitor", "hypercare.signal.monitor", 12),),
        ),
    ),
    is_(KIND, "uptime"),
)  # fmt: skip
fullness = Table(
    "resources", "How full servers are", "Every resource that was reported; the fullest first.", WIDE,
    (
        Layer(
            SIGNALS, (fullest, used, moment("Latest", "@timestamp")),
            (Terms("Resource", "hypercare.signal.resource", 8, by=0), instance),
        ),
    ),
    is_(KIND, "resources"),
)  # fmt: skip
releases = Table(
    "releases", "What went live", "", HALF,
    (
        Layer(
            SIGNALS,
            (moment("When", "@timestamp"), latest("What became of it", "hypercare.signal.state")),
            (Terms("Service", "service.name", 8), Terms("Release", "service.version", 8)),
        ),
    ),
    is_(KIND, "deployment"),
)  # fmt: skip


def _by_instance(resource: str, title: str) -> Chart:
    """The used part of a resource, of the instances that reported it most often."""
    return Chart(
        resource, title, "Average of what was reported.", HALF, (Layer(SIGNALS, (used,), (instance, by_time)),),
        is_("hypercare.signal.resource", resource), marks=(DEPLOYMENTS,),
    )  # fmt: skip


cpu, memory, disk, network = (
    _by_instance(name, f"{name.upper() if name == 'cpu' else name.title()} used") for name in RESOURCES
)

ROWS = (
    Row(11, (uptime, releases)),
    Row(14, (fullness,)),
    Row(10, (cpu, memory)),
    Row(10, (disk, network)),
)
