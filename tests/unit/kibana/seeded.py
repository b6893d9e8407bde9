"""Forty minutes of an invented shop after its go-live, decided about by people, with days before: as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from contracts.audit import AuditEntry
from contracts.calls import EnrichedCall
from contracts.errors import Rejected
from contracts.event import Event
from contracts.feedback import EnrichedFeedback
from contracts.findings import Finding, WindowHealth
from contracts.groups import FeedbackGroup, ReportedObserved
from contracts.incidents import OPEN, Incident
from contracts.signals import Signal
from contracts.topics import CALLS, COMMANDS, FEEDBACK, GATEWAY, SIGNALS
from hypercare.evaluate.whole import KEY
from processors.runtime.records import PlainRecord
from processors.runtime.stage import Skipped
from processors.telemetry.stage import TelemetryStage
from producers.simulate.scenario import Scenario, scenario
from sinks.elasticsearch.document import Document
from sinks.elasticsearch.documents import call_document, dead_letter_document
from sinks.elasticsearch.feedback_documents import feedback_documents
from sinks.elasticsearch.group_documents import audit_document, group_documents, matrix_document
from sinks.elasticsearch.health_documents import finding_document, health_document
from sinks.elasticsearch.incident_documents import incident_documents
from sinks.elasticsearch.sampling import ALL, Sampling
from sinks.elasticsearch.signal_documents import signal_documents
from sinks.kibana.rules import ALERTS, RULES
from tests.unit.kibana.chain import Chain

MINUTES = 40
WHAT = "checkout@18-40+ai-failover@15-40+silent@25-40+disk-full@5-40+slow-leak@10-40+gateway-overload@34-40"
USERS = 400
REFUSED = (
    (GATEWAY.name, "malformed_json", "unexpected end of data", "telemetry", 7),
    (GATEWAY.name, "invalid_event", "response.status: Input should be less than 1000", "telemetry", 4),
    (FEEDBACK.name, "invalid_event", "text: Field required", "feedback", 3),
    (FEEDBACK.name, "too_large", "1,400,000 bytes", "feedback", 1),
    (CALLS.name, "elasticsearch_document_parsing_exception", "failed to parse field [@timestamp]", "sink-calls", 2),
)
"""Topic, reason, detail, stage and how often."""
SCALES = ("nps", "csat", "stars")


def seeded(project: str, until: datetime) -> Chain:
    """Everything the stages told of forty minutes that end at ``until``, and of calls on the days before."""
    chain = Chain(project)
    for days, minutes, rate in ((7, 60, 0.8), *((days, 6, 0.4) for days in (1, 2, 3, 4, 5, 6, 8, 9, 10))):
        chain.told += _usual(project, until - timedelta(days=days), minutes, rate)
    made = scenario(
        WHAT, seed=3, start=until - timedelta(minutes=MINUTES), duration=timedelta(minutes=MINUTES), rate=4.0,
        users=USERS, failure_rate=0.4, share=0.02,
    )  # fmt: skip
    for at_ms, raw in _watched(made):
        chain.take(SIGNALS.name, at_ms, raw)
    chain.play(made, seed=3, per_problem=25)
    _rate(chain, made.end_ms)
    _decide(chain, made.end_ms)
    for topic, reason, detail, stage, times in REFUSED:
        for _ in range(times):
            chain.refuse(topic, b"{", Rejected(reason, detail), stage)
    return chain


def last_monday() -> datetime:
    """A Monday afternoon of the last days: the same traffic whenever it is asked for."""
    now = datetime.now(UTC)
    day = now.replace(hour=14, minute=40, second=0, microsecond=0) - timedelta(days=now.weekday())
    return day if day < now else day - timedelta(days=7)


def documents(chain: Chain, sampling: Sampling = ALL) -> Iterator[Document]:
    """What the sinks make of it, in the order in which it was told."""
    for event in chain.told:
        if isinstance(event, EnrichedCall):
            if weight := sampling.weight(event):
                yield call_document(event, weight, _told_ms(event))
        else:
            yield from _SINKS[type(event)](event)
    yield from map(dead_letter_document, chain.letters)
    yield from _alerts(chain)


def _told_ms(call: EnrichedCall) -> int:
    """One to three seconds after it happened, each time the same."""
    return int(call.occurred_at.timestamp() * 1_000) + 1_000 + len(call.id) * 37 % 2_000


_SINKS: dict[type[Event], Callable[[Any], Iterable[Document]]] = {
    EnrichedCall: lambda call: (call_document(call),),
    Finding: lambda finding: (finding_document(finding),),
    WindowHealth: lambda health: (health_document(health),),
    Signal: signal_documents,
    EnrichedFeedback: feedback_documents,
    FeedbackGroup: group_documents,
    ReportedObserved: lambda matrix: (matrix_document(matrix),),
    Incident: incident_documents,
    AuditEntry: lambda entry: (audit_document(entry),),
}


def incidents_now(chain: Chain) -> dict[str, Incident]:
    """Incidents as they were told last."""
    return {incident.incident: incident for incident in chain.of(Incident)}


def _alerts(chain: Chain) -> Iterator[Document]:
    """What Kibana's rules would have written: one alert of each, of which every other one is over."""
    until = max(call.occurred_at for call in chain.of(EnrichedCall))
    incident = next(iter(incidents_now(chain)))
    about = {"http.route": "/api/v1/assistant/chat", "hypercare.incident.id": incident, "error.code": "malformed_json"}
    for number, rule in enumerate(RULES):
        began = until - timedelta(minutes=9 - number)
        ended = [(began + timedelta(minutes=number), "close")] if number % 2 else []
        for at, told in ((began, "open"), *ended):
            said = rule.document(told, about.get(rule.by, "query matched"), rule.says)
            body = {"@timestamp": at.isoformat(), **said}
            yield Document(ALERTS, f"{rule.id}-{told}-{until:%j%H%M}", orjson.dumps(body))


def _watched(made: Scenario) -> Iterator[tuple[int, bytes]]:
    """Half an hour of two servers, seen by monitors, and a release of one of them, before the calls begin."""
    for number in range(30):
        at_ms = made.end_ms - (MINUTES + 30 - number) * 60_000
        for service in ("pay", "cart"):
            used = {"cpu": 0.2 + number / 100, "memory": 0.4 + number / 200, "network": 0.1}
            up = service == "cart" or number != 22
            yield at_ms, _signal(at_ms, service, "uptime", {"monitor": f"{service} from outside", "up": up})
            yield at_ms, _signal(at_ms, service, "resources", {"instance": f"{service}-1", "used": used})
        if number == 24:
            yield at_ms, _signal(at_ms, "cart", "deployment", {"release": "3.1.0"})


def _signal(at_ms: int, service: str, kind: str, said: dict[str, Any]) -> bytes:
    moment = datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat()
    name = f"{kind}-{service}-{at_ms}"
    return orjson.dumps({"id": name, "occurred_at": moment, "kind": kind, "service": service, kind: said})


def _usual(project: str, until: datetime, minutes: int, rate: float) -> Iterator[EnrichedCall]:
    made = scenario(
        "null", seed=until.day, start=until - timedelta(minutes=minutes), duration=timedelta(minutes=minutes),
        rate=rate, users=USERS,
    )  # fmt: skip
    stage = TelemetryStage(KEY)
    for number, (at_ms, raw) in enumerate(made.calls()):
        told = orjson.loads(raw)
        value = orjson.dumps({**told, "project": project, "id": f"{told['id']}-{until:%j}"})
        try:
            outputs = stage.process(PlainRecord(value, topic=GATEWAY.name, offset=number, timestamp=at_ms))
        except Skipped:
            continue
        yield EnrichedCall.model_validate_json(outputs[0].value or b"")


def _rate(chain: Chain, at_ms: int) -> None:
    """Surveys, and messages that people of this shop write beside."""
    for number in range(9):
        _say(
            chain, at_ms, f"survey-{number}", f"All in all I am fine with the new shop, number {number}.",
            channel="survey", rating={"scale": SCALES[number % 3], "value": number % 6},
            reporter={"pseudonym": f"asked-{number}"},
        )  # fmt: skip
    _say(chain, at_ms, "secret-1", "My password is hunter2-Sommer and it still says wrong password=hunter2-Sommer!")
    _say(chain, at_ms, "weak-1", "I can read the orders of other customers when I change the number in the address.")
    _say(chain, at_ms, "foreign-1", "Maksaminen ei onnistu, nappi vain pyörii eikä tilaus lähde koskaan.")
    _say(chain, at_ms, "unclear-1", "hm, well, that one again")


def _say(chain: Chain, at_ms: int, name: str, text: str, **said: Any) -> None:
    moment = datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat()
    body = {"id": name, "occurred_at": moment, "text": text, "source": {"system": "desk"}, **said}
    chain.take(FEEDBACK.name, at_ms, orjson.dumps(body))


def _decide(chain: Chain, at_ms: int) -> None:
    """One incident is looked after, one is mended and resolved, one rejected; one answer is a refusal."""
    found = sorted(incidents_now(chain).values(), key=lambda one: (one.priority, -one.score.order, one.incident))
    known = [one.incident for one in found if one.state in OPEN and not one.restricted]
    for number, (place, action, said) in enumerate(
        (
            (0, "acknowledge", {}),
            (0, "assign", {"owner": "team-payments"}),
            (0, "workaround", {"workaround": "pay on a computer"}),
            (1, "acknowledge", {}),
            (1, "fix", {"release": "3.1.1"}),
            (1, "resolve", {"reason": "nobody sees it any more"}),
            (-1, "reject", {"reason": "a load test"}),
            (-1, "start", {}),
        )
    ):
        incident = incidents_now(chain)[known[place]]
        _command(chain, at_ms + 1_000 * number, action, incident=incident, **said)
    reported = next(event for event in chain.of(EnrichedFeedback) if event.category is not None)
    _command(chain, at_ms + 9_000, "relabel", feedback=[reported.id], category="question", reason="read it")


def _command(chain: Chain, at_ms: int, action: str, *, incident: Incident | None = None, **said: Any) -> None:
    about = {} if incident is None else {"incident": incident.incident, "state_version": incident.state_version}
    body = {
        "id": f"decided-{at_ms}",
        "occurred_at": datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat(),
        "action": action,
        "actor": "ops@shop",
        **about,
        **said,
    }
    chain.take(COMMANDS.name, at_ms, orjson.dumps(body))
