"""*API and gateway health*: which routes and upstreams fail or are slow, for whom, and on whose side."""

from __future__ import annotations

from sinks.kibana.columns import DOLLARS, HOURS, MILLISECONDS, PERCENT, Format, Number, Terms
from sinks.kibana.conditions import Has, Not, is_
from sinks.kibana.dashboards.parts import (
    BLUE,
    DEPLOYMENTS,
    FAILED,
    FIXES,
    GATEWAY,
    GREEN,
    HALF,
    INCIDENT,
    ORANGE,
    PAGES,
    PROJECT,
    PURPLE,
    RED,
    ROUTE,
    UPSTREAM,
    WIDE,
    by_time,
    calls,
    failed,
    failed_share,
    figure,
    latest,
    moment,
    most,
    p95,
    pages,
)  # fmt: skip
from sinks.kibana.dashboards.servers import ROWS as SERVERS
from sinks.kibana.panels import Chart, Control, Dashboard, Heatmap, Layer, Listing, Row, Table
from sinks.kibana.searches import CALLS_OF_A_TRACE, FAILED_CALLS
from sinks.kibana.views import CALLS, FINDINGS

TOTAL, OWN = "hypercare.latency.total_ms", "hypercare.latency.gateway_ms"
BYTES = Format("bytes", 1)


def _percentile(percent: int, colour: str, field: str = TOTAL) -> Number:
    return Number(f"{percent} % within", "percentile", field, None, MILLISECONDS, percent, colour=colour)


own_p95 = Number("Gateway's own (95 %)", "percentile", OWN, format=MILLISECONDS, colour=PURPLE)
routed = Number("Routed", "average", "hypercare.routed", format=PERCENT, colour=GREEN)
cost = Number("Cost", "sum", "hypercare.ai.cost", format=DOLLARS)
hit = Number("Users hit", "unique_count", "user.hash", FAILED)
"""Of all users of each route it would take as long as everything else of the table, and be too few in a sample."""
upstream = Terms("Upstream", "service.name", 8)  # as many as there are colours that keep apart

heat = Heatmap(
    "routes-upstreams", "Failing share, routes and upstreams", "", WIDE,
    (Layer(CALLS, (failed_share,), (Terms("Upstream", "service.name", 12), Terms("Route", "http.route", 20))),),
)  # fmt: skip
routes = Table(
    "routes", "Routes", "", WIDE,
    (
        Layer(
            CALLS,
            (
                failed, calls, failed_share, p95, hit,
                Number("Sent", "sum", "http.response.body.bytes", format=BYTES),
            ),
            (Terms("Route", "http.route", 30),),
        ),
    ),
    leads_to=INCIDENT,
)  # fmt: skip
shares = Chart(
    "shares",
    "Failing share by upstream",
    "",
    HALF,
    (Layer(CALLS, (failed_share,), (upstream, by_time)),),
    marks=(FIXES, DEPLOYMENTS),
)
percentiles = Chart(
    "percentiles", "Duration of calls", "", HALF,
    (Layer(CALLS, (_percentile(50, BLUE), _percentile(95, ORANGE), _percentile(99, RED)), (by_time,)),),
    marks=(FIXES, DEPLOYMENTS),
)  # fmt: skip
blame = Chart(
    "blame", "On whose side calls fail", "", HALF,
    (Layer(CALLS, (calls,), (Terms("Blame", "hypercare.blame", 6), by_time)),), FAILED, series="bar_stacked",
)  # fmt: skip
outcomes = Chart(
    "outcomes", "How calls that are not fine end", "Refused clients and log-ins, too.", HALF,
    (Layer(CALLS, (calls,), (Terms("Outcome", "hypercare.outcome", 8), by_time)),),
    Not(is_("hypercare.outcome", "ok")), series="bar_stacked",
)  # fmt: skip
gateways = Chart(
    "gateways", "What gateways add (95 %)", "Milliseconds of their own.", HALF,
    (Layer(CALLS, (own_p95,), (Terms("Gateway", "observer.name", 8), by_time)),),
)  # fmt: skip
routing = Chart(
    "routing", "Routed, by gateway", "Share of calls that the gateway itself did not fail.", HALF,
    (Layer(CALLS, (routed,), (Terms("Gateway", "observer.name", 8, by=None), by_time)),),
)  # fmt: skip
consumers = Table(
    "consumers", "Consumers", "", HALF,
    (
        Layer(
            CALLS,
            (
                calls, failed, failed_share, p95,
                Number("Turned away by a limit", where=is_("hypercare.outcome", "rate_limited")),
                Number("Not let in", where=is_("hypercare.outcome", "auth_failed")),
            ),
            (Terms("Consumer", "hypercare.consumer", 20),),
        ),
    ),
)  # fmt: skip
clients = Table(
    "clients", "Browsers and devices", "The combination that fails most stands first.", HALF,
    (
        Layer(
            CALLS, (failed, calls, failed_share, p95),
            (Terms("Browser", "user_agent.name", 8), Terms("Operating system", "user_agent.os.name", 4),
             Terms("Device", "user_agent.device.name", 3)),
        ),
    ),
)  # fmt: skip
countries = Chart(
    "countries", "Failing share by country", "", HALF,
    (Layer(CALLS, (failed_share,), (Terms("Country", "client.geo.country_iso_code", 15),)),), series="bar_horizontal",
)  # fmt: skip
codes = Table(
    "codes", "What is answered", "", HALF,
    (Layer(CALLS, (calls, p95), (Terms("Status", "http.response.status_code", 12, kind="number"),)),),
)  # fmt: skip
capacity = Table(
    "capacity", "What runs full", "Findings about servers and time left to a limit.", WIDE,
    (
        Layer(
            FINDINGS,
            (
                moment("Latest", "@timestamp"),
                latest("Where", "hypercare.finding.cause"),
                latest("Kind", "hypercare.finding.kind"),
                latest("Now", "hypercare.finding.state"),
                most("Used", "hypercare.finding.used", PERCENT),
                Number("Hours left", "min", "hypercare.finding.breach_h", format=HOURS),
            ),
            (Terms("Finding", "hypercare.finding.id", 10),),
        ),
    ),
    is_("hypercare.finding.kind", "capacity", "forecast"), INCIDENT,
)  # fmt: skip
ai_cost = Chart(
    "ai-cost", "Cost of language models", "", HALF,
    (Layer(CALLS, (cost,), (Terms("Model", "gen_ai.response.model", 6), by_time)),),
    Has("gen_ai.response.model"), series="bar_stacked",
)  # fmt: skip
ai_tokens = Table(
    "ai-tokens", "Tokens and cost, by model and consumer", "", HALF,
    (
        Layer(
            CALLS,
            (
                cost, calls,
                Number("Tokens in", "sum", "gen_ai.usage.input_tokens"),
                Number("Tokens out", "sum", "gen_ai.usage.output_tokens"),
                Number("Cut off", where=is_("gen_ai.response.finish_reasons", "length")),
            ),
            (Terms("Model", "gen_ai.response.model", 8), Terms("Consumer", "hypercare.consumer", 8)),
        ),
    ),
    Has("gen_ai.response.model"),
)  # fmt: skip

DASHBOARD = Dashboard(
    GATEWAY,
    PAGES[GATEWAY],
    "Which routes and upstreams fail or are slow, for whom, and on whose side.",
    (
        pages(GATEWAY),
        Row(
            6,
            (
                figure("calls", "Calls", Layer(CALLS, (calls,))),
                figure("failed-share", "Calls that fail", Layer(CALLS, (failed_share,))),
                figure("p95", "95 % of calls within", Layer(CALLS, (p95,))),
                figure("routed", "Routed by the gateway", Layer(CALLS, (routed,))),
                figure("own", "Gateway's own time (95 %)", Layer(CALLS, (own_p95,))),
                figure("cost", "Cost of language models", Layer(CALLS, (cost,))),
            ),
        ),
        Row(16, (heat,)),
        Row(16, (routes,)),
        Row(12, (shares, percentiles)),
        Row(11, (blame, outcomes)),
        Row(11, (gateways, routing)),
        Row(14, (clients, consumers)),
        Row(11, (countries, codes)),
        Row(10, (capacity,)),
        *SERVERS,
        Row(11, (ai_cost, ai_tokens)),
        Row(14, (Listing("failed-calls", FAILED_CALLS),)),
        Row(12, (Listing("traced-calls", CALLS_OF_A_TRACE),)),
    ),
    (PROJECT, ROUTE, UPSTREAM, Control("consumer", "Consumer", "hypercare.consumer", CALLS)),
)
