"""Every panel of every dashboard on real Elasticsearch: what it asks, and that the answer is what happened."""

from __future__ import annotations

import asyncio
import bisect
import math
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.calls import EnrichedCall
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding
from contracts.incidents import OPEN
from processors.runtime.records import PlainRecord
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.sampling import Sampling
from sinks.elasticsearch.stages import writer_for
from sinks.kibana.ask import answered, search_with
from sinks.kibana.catalogue import DASHBOARDS
from sinks.kibana.columns import Bucket, Terms
from sinks.kibana.conditions import Condition, fields_of, is_
from sinks.kibana.lens_columns import bucket_id, number_id
from sinks.kibana.panels import Dashboard, DataView, Layer, LensPanel
from sinks.kibana.requests import Period, Row, runtime_mappings
from sinks.kibana.searches import SEARCHES
from sinks.kibana.views import DEADLETTERS, VIEWS
from tests.conftest import RunningEngines
from tests.unit.kibana.chain import Chain
from tests.unit.kibana.recompute import Span, There, agrees, expected
from tests.unit.kibana.seeded import MINUTES, REFUSED, documents, incidents_now, last_monday, seeded

pytestmark = pytest.mark.engines

SPAN = timedelta(minutes=60)
SAMPLED = Sampling("sample", one_in=4)
STEP_S = 60
"""What Kibana makes of an hour."""
PROJECT = f"seeded_{uuid.uuid4().hex[:10]}"
MOST_MS = 1_000
PANELS = [(dashboard, panel) for dashboard in DASHBOARDS for panel in dashboard.charts]
NUMBERS = {"long", "double", "float", "byte", "integer", "short"}
TERMS = {"keyword", "ip", "boolean", *NUMBERS}
each_panel = pytest.mark.parametrize(
    ("dashboard", "panel"), PANELS, ids=[f"{dashboard.id}-{panel.name}" for dashboard, panel in PANELS]
)
BAD = {"gateway_error", "upstream_error", "timeout", "rate_limited"}
NO_PROJECT = {DEADLETTERS.id}
ABSENT = {
    ("hypercare-go-live", "before"),  # no baseline of the time before the go-live was imported
    ("hypercare-pipeline", "left-out"),  # every field could be read
    ("hypercare-pipeline", "corrected"),  # no reader of calls crashed
}
"""Panels about what does not happen in the seeded forty minutes; their aggregation runs, and finds nothing."""


@dataclass(frozen=True)
class Seeded:
    """What happened, and where its documents are."""

    chain: Chain
    there: There
    period: Period
    access: Access
    project: str

    def rows(self, panel: LensPanel, layer: int = 0) -> list[Row]:
        """What Elasticsearch answers to a panel of this project."""
        client = self.access.client()
        try:
            return answered(search_with(client), panel, self.period, also=only(panel.layers[layer].view, self.project))[
                layer
            ]
        finally:
            client.close()


def only(view: DataView, project: str) -> tuple[Condition, ...]:
    """Keeps what other tests wrote out of it."""
    if view.id in NO_PROJECT:
        return (is_("hypercare.origin", f"urn:test:{project}"),)
    return (is_("hypercare.project", project),)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return seeded(PROJECT, last_monday())


@pytest.fixture(scope="module")
def there(engines: RunningEngines, chain: Chain) -> Seeded:
    """With a document of every call."""
    return written(engines, chain, list(documents(chain)), PROJECT)


@pytest.fixture(scope="module")
def sampled(engines: RunningEngines, chain: Chain) -> Seeded:
    """The same in a second project, with a document of one successful call in four."""
    other = f"{PROJECT}_sampled"
    renamed = [
        replace(
            one,
            stream=one.stream.replace(PROJECT, other),
            id=f"{one.id}-sampled",
            body=one.body.replace(PROJECT.encode(), other.encode()),
        )
        for one in documents(chain, SAMPLED)
    ]
    return written(engines, chain, renamed, other)


def written(engines: RunningEngines, chain: Chain, made: list[Document], project: str) -> Seeded:
    until = last_monday()
    access = Access(engines.endpoints.elasticsearch)

    async def work() -> None:
        writer = writer_for("sink-all", access)
        await writer.start()
        try:
            for start in range(0, len(made), 400):  # aiohttp warns of bodies above a megabyte
                part = [(PlainRecord(one.key.encode()), one) for one in made[start : start + 400]]
                assert await (await writer.submit(part)) == []
        finally:
            await writer.stop()

    asyncio.run(work())
    client = access.client()
    try:
        client.indices.refresh(index=",".join(view.pattern for view in VIEWS))
    finally:
        client.close()
    period = Period(until + timedelta(minutes=2) - SPAN, until + timedelta(minutes=2))
    return Seeded(chain, There(made), period, access, project)


@each_panel
def test_every_panel_shows_what_happened(there: Seeded, dashboard: Dashboard, panel: LensPanel) -> None:
    check(there, dashboard, panel)


@each_panel
def test_every_panel_weighs_what_was_sampled(sampled: Seeded, dashboard: Dashboard, panel: LensPanel) -> None:
    check(sampled, dashboard, panel)


def check(there: Seeded, dashboard: Dashboard, panel: LensPanel) -> None:
    """Hold every value of a panel against what plain Python makes of the documents."""
    filled = False
    for index, layer in enumerate(panel.layers):
        wanted = expected(panel, index, there.there, Span(there.period.since, there.period.until, STEP_S))
        told = {
            tuple(row[bucket_id(index, i)] for i in range(len(layer.by))): [
                row.get(number_id(index, i)) for i in range(len(layer.numbers))
            ]
            for row in there.rows(panel, index)
        }
        estimated = any(by_quantile(layer, bucket) for bucket in layer.by)
        assert (sorted(told) == sorted(wanted)) if estimated else (list(told) == list(wanted)), f"layer {index}"
        for key, values in wanted.items():
            for number, said, should in zip(layer.numbers, told[key], values, strict=True):
                assert agrees(said, should), f"{number.label} of {key}: {said!r}, but {should!r}"
                filled |= said not in (None, 0)
    assert filled or (dashboard.id, panel.name) in ABSENT, "nothing was seen here"


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_every_field_is_there_and_can_be_used_so(there: Seeded, view: DataView) -> None:
    usable: dict[str, set[str]] = {}
    for _, panel in PANELS:
        for layer in panel.layers:
            if layer.view is view:
                for name in layer.times:
                    usable.setdefault(name, set()).add("date")
                for bucket in layer.by:
                    if name := getattr(bucket, "field", ""):
                        usable.setdefault(name, set()).update({"date"} if name in layer.times else TERMS)
                for number in layer.numbers:
                    if number.field:
                        usable.setdefault(number.field, set()).update(kinds_for(number.operation))
    controls = [control.field for one in DASHBOARDS for control in one.controls if control.view is view]
    usable |= dict.fromkeys(controls, TERMS)
    listed = {
        name
        for search in SEARCHES
        if search.view is view
        for name in (*search.columns, *(field for field, _ in search.sort), *fields_of(search.where))
    }
    asked = {name for _, panel in PANELS for layer in panel.layers if layer.view is view for name in layer.fields()}
    named = {*usable, *listed, *asked, *view.labels, *view.formats}
    client = there.access.client()
    try:
        known = client.field_caps(
            index=view.pattern, fields=sorted(named), runtime_mappings=runtime_mappings(view) or None
        )["fields"]
    finally:
        client.close()
    assert sorted(named - set(known)) == []
    for name, kinds in usable.items():
        assert set(known[name]) <= kinds, f"{name} is {set(known[name])}, wanted {kinds}"
        assert all(said["aggregatable"] for said in known[name].values()), name


def by_quantile(layer: Layer, bucket: Bucket) -> bool:
    """Whether the order of buckets rests on an estimate."""
    return isinstance(bucket, Terms) and bucket.by is not None and layer.numbers[bucket.by].operation == "percentile"


def kinds_for(operation: str) -> set[str]:
    if operation in {"unique_count", "last_value"}:
        return TERMS
    return {*NUMBERS, "date"} if operation in {"min", "max"} else NUMBERS


def panel_of(dashboard: str, name: str) -> LensPanel:
    return next(panel for one, panel in PANELS if one.id == f"hypercare-{dashboard}" and panel.name == name)


def figure(there: Seeded, dashboard: str, name: str) -> Any:
    (row,) = there.rows(panel_of(dashboard, name))
    return row[number_id(0, 0)]


def in_time(there: Seeded, events: list[Any]) -> list[Any]:
    return [one for one in events if there.period.since <= one.occurred_at <= there.period.until]


def test_figures_are_those_of_the_events(there: Seeded) -> None:
    """From the events themselves, not from documents: that each panel looks at what its title says."""
    incidents = list(incidents_now(there.chain).values())
    calls = in_time(there, there.chain.of(EnrichedCall))
    bad = [call for call in calls if call.outcome in BAD]
    feedback = in_time(there, list({event.id: event for event in there.chain.of(EnrichedFeedback)}.values()))
    assert figure(there, "overview", "open") == sum(one.state in OPEN for one in incidents)
    assert figure(there, "overview", "urgent") == sum(
        one.state in OPEN and one.severity in {"S1", "S2"} for one in incidents
    )
    assert figure(there, "overview", "calls") == figure(there, "gateway", "calls") == len(calls)
    assert figure(there, "overview", "failed-share") == pytest.approx(len(bad) / len(calls))
    assert figure(there, "gateway", "routed") == pytest.approx(
        1 - sum(call.outcome == "gateway_error" for call in calls) / len(calls)
    )
    assert figure(there, "gateway", "cost") == pytest.approx(
        sum(call.ai.cost or 0 for call in calls if call.ai), rel=1e-5
    )
    assert figure(there, "triage", "messages") == len(feedback)
    assert figure(there, "triage", "linked") == sum(bool(one.links) for one in feedback)
    assert figure(there, "triage", "restricted") == sum(
        bool(one.security and one.security.restricted) for one in feedback
    )
    assert figure(there, "pipeline", "letters") == len(there.chain.letters)
    assert figure(there, "pipeline", "unindexed") == 2
    assert figure(there, "pipeline", "blind-spots") == len(
        {found.finding for found in in_time(there, there.chain.of(Finding)) if found.kind == "blind_spot"}
    )


def test_figures_of_a_sample_are_those_of_the_events(there: Seeded, sampled: Seeded) -> None:
    """Exact for what is kept whole, within five standard deviations for the rest."""
    calls = in_time(sampled, sampled.chain.of(EnrichedCall))
    bad = [call for call in calls if call.outcome in BAD]
    drawn = [call for call in calls if SAMPLED.weight(call) != 1]
    slack = 5 * math.sqrt(len(drawn) * (SAMPLED.one_in - 1))
    assert len(drawn) > len(calls) / 2, "few of them were sampled: this would prove nothing"
    total = figure(sampled, "overview", "calls")
    assert abs(total - len(calls)) <= slack
    assert figure(sampled, "overview", "failed-share") == pytest.approx(len(bad) / total)
    assert figure(sampled, "gateway", "cost") == pytest.approx(figure(there, "gateway", "cost"))
    slowness = sorted(call.latency.total_ms for call in calls if call.latency.total_ms is not None)
    rank = bisect.bisect(slowness, figure(sampled, "overview", "p95")) / len(slowness)
    assert abs(rank - 0.95) <= slack / len(slowness)
    counted = Counter(call.request.route for call in calls)
    failing = Counter(call.request.route for call in bad)
    for row in sampled.rows(panel_of("gateway", "routes")):
        assert row["l0n0"] == failing[row["l0b0"]], "what fails is counted whole"
        assert abs(row["l0n1"] - counted[row["l0b0"]]) <= 5 * math.sqrt(counted[row["l0b0"]] * (SAMPLED.one_in - 1))
    ends = Counter(call.outcome for call in calls if call.outcome != "ok")
    told: Counter[str] = Counter()
    for row in sampled.rows(panel_of("gateway", "outcomes")):
        told[row["l0b0"]] += row["l0n0"]
    assert told == ends


def test_tables_name_what_was_planted(there: Seeded) -> None:
    routes = {row["l0b0"]: row for row in there.rows(panel_of("gateway", "routes"))}
    calls = in_time(there, there.chain.of(EnrichedCall))
    counted = Counter(call.request.route for call in calls)
    assert {name: row["l0n1"] for name, row in routes.items()} == {name: counted[name] for name in routes}
    bad = Counter(call.request.route for call in calls if call.outcome in BAD)
    assert [row["l0n0"] for row in routes.values()] == [count for _, count in bad.most_common(30)]
    reasons: Counter[str] = Counter()
    for row in there.rows(panel_of("pipeline", "by-place")):
        reasons[row["l0b0"]] += row["l0n0"]
    assert (
        reasons.items()
        >= {reason: sum(t for _, other, _, _, t in REFUSED if other == reason) for _, reason, *_ in REFUSED}.items()
    )
    ranked = there.rows(panel_of("overview", "ranked"))
    scores = [row["l0n0"] for row in ranked]
    assert scores == sorted(scores, reverse=True)
    titles = {one.title for one in incidents_now(there.chain).values() if one.state in OPEN and not one.restricted}
    assert titles <= {row["l0n3"] for row in ranked}
    assert sum(one.restricted for one in incidents_now(there.chain).values() if one.state in OPEN) == sum(
        "restricted" in row["l0n3"] for row in ranked
    )


def test_a_trace_leads_from_a_complaint_to_its_calls(there: Seeded) -> None:
    """What a click does: the value of the row becomes a filter on the other dashboard."""
    traced = there.rows(panel_of("triage", "traces"))
    calls = {call.trace.trace_id for call in in_time(there, there.chain.of(EnrichedCall))}
    trace = next(row["l0b0"] for row in traced if row["l0b0"] in calls)
    client = there.access.client()
    try:
        also = (is_("hypercare.project", PROJECT), is_("trace.id", trace))
        ((row,),) = answered(search_with(client), panel_of("gateway", "calls"), there.period, also=also)
    finally:
        client.close()
    assert row["l0n0"] == sum(call.trace.trace_id == trace for call in there.chain.of(EnrichedCall)) > 0


def test_an_incident_leads_to_its_findings_groups_and_audit(there: Seeded) -> None:
    incident = next(
        one
        for one in incidents_now(there.chain).values()
        if {item.kind for item in one.evidence} >= {"finding", "group"}
    )
    finding = next(item.id for item in incident.evidence if item.kind == "finding").removeprefix("finding:")
    group = next(item.id for item in incident.evidence if item.kind == "group").removeprefix("group:")
    client = there.access.client()

    def rows(dashboard: str, name: str, field: str, value: str) -> list[Row]:
        also = (is_("hypercare.project", PROJECT), is_(field, value))
        return answered(search_with(client), panel_of(dashboard, name), there.period, also=also)[0]

    try:
        assert {row["l0b1"] for row in rows("incident", "to-findings", "hypercare.incident.id", incident.incident)} >= {
            finding
        }
        assert {row["l0b1"] for row in rows("incident", "to-groups", "hypercare.incident.id", incident.incident)} >= {
            group
        }
        assert {row["l0b0"] for row in rows("incident", "found", "hypercare.finding.id", finding)} == {finding}
        (counted,) = rows("triage", "messages", "hypercare.group.id", group)
        assert counted["l0n0"] > 0
        entries = rows("incident", "timeline", "hypercare.incident.id", incident.incident)
        assert sum(row["l0n0"] for row in entries) > 0
    finally:
        client.close()


def test_panels_are_fast_enough(there: Seeded) -> None:
    client = there.access.client()
    try:
        slow = {}
        for dashboard, panel in PANELS:
            took: list[int] = []
            answered(search_with(client), panel, there.period, took=took.append)
            slow[dashboard.id, panel.name] = max(took)
    finally:
        client.close()
    assert {where: ms for where, ms in slow.items() if ms > MOST_MS} == {}
    assert SPAN.total_seconds() / 60 > MINUTES


def test_the_time_left_to_a_limit_is_told_in_hours(engines: RunningEngines, project: str) -> None:
    """None of what is planted in the seeded minutes comes near enough to a limit to be forecast."""
    at = last_monday()
    said = {"tenant": "default", "project": project}
    found = {"id": "f-1", "kind": "forecast", "state": "opened", "breach_s": 5_400}
    body = {"@timestamp": at.isoformat(), "hypercare": {**said, "finding": found}}
    stream = f"logs-hypercare.findings-default.{project}"
    client = Access(engines.endpoints.elasticsearch).client()
    try:
        client.create(index=stream, id="f-1", document=body, refresh=True)
        period = Period(at - SPAN, at + SPAN)
        for dashboard, name in (("gateway", "capacity"), ("go-live", "ahead")):
            panel = panel_of(dashboard, name)
            ((row,),) = answered(search_with(client), panel, period, also=(is_("hypercare.project", project),))
            told = {number.label: row[number_id(0, i)] for i, number in enumerate(panel.layers[0].numbers)}
            assert told["Hours left"] == 1.5
    finally:
        client.close()
