"""Incidents to try on: a checkout that fails, an ERP that is slow, a weakness, one that was merged, a wish."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.findings import Dimension
from contracts.incidents import Attribution, EvidenceItem, Incident, Message, Past, SampleCall, TimeTarget, Verification
from contracts.scores import ScoreInputs
from contracts.scoring import Scoring
from processors.incidents.score import score_of

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
SCORING = Scoring()
PAYMENT = ScoreInputs(
    users=180, active_users=12_000, journey_weight=1, severity_telemetry=0.85, burn_long=9, burn_short=12,
    reports=14, expected_reports=0.5, in_breach=True, evidence_age_h=1 / 12, confidence=0.99,
)  # fmt: skip
REPORTS = ScoreInputs(
    users=40, active_users=900, journey_weight=0.6, severity_text=0.6, burn_long=3, burn_short=4,
    reports=6, expected_reports=0.5, hours_to_breach=20, confidence=0.9,
)  # fmt: skip
WEAKNESS = ScoreInputs(
    users=3, active_users=12_000, journey_weight=0.5, severity_text=0.9, reports=2, security=0.93, cvss=8.1,
    confidence=0.8,
)  # fmt: skip
WISH = ScoreInputs(users=60, active_users=12_000, journey_weight=0.2, severity_text=0.2, confidence=0.7)


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def incident(name: str, inputs: ScoreInputs, **said: Any) -> Incident:
    """An incident whose score is that of ``inputs``; whatever else is said of it."""
    score = score_of(inputs, SCORING)
    revision = said.get("revision", 0)
    return Incident(
        **{
            "id": f"{name}-{revision}",
            "occurred_at": at(5),
            "project": "shop",
            "incident": name,
            "revision": revision,
            "state_version": 0,
            "state": "new",
            "nature": "malfunction",
            "title": name,
            "sentence": score.sentence,
            "severity": score.severity,
            "priority": score.priority,
            "score": score,
            "onset": at(0),
            "opened_at": at(2),
            "state_since": at(2),
            "last_evidence_at": at(5),
            "users": inputs.users,
            **said,
        }
    )


def checkout(**said: Any) -> Incident:
    """A payment provider fails for some browsers: findings, complaints, an alert."""
    cause = tuple(
        Dimension(attribute=name, value=value)
        for name, value in (("upstream", "payments"), ("browser", "Mobile Safari"), ("os", "iOS"))
    )
    return incident(
        "inc-7c41aa",
        PAYMENT,
        **{
            "revision": 12,
            "state_version": 2,
            "state": "triaged",
            "title": "upstream payments + browser Mobile Safari + os iOS: calls fail",
            "cause": cause,
            "blame": "third_party",
            "rank": 1,
            "owner": "team-payments",
            "escalating": True,
            "workaround": "pay on a computer",
            "calls": 412,
            "observed": 118,
            "expected": 1.2,
            "reports": 14,
            "reporters": 12,
            "evidence": _evidence_of_checkout(cause),
            "related": ("inc-9d02bb",),
            "attribution": Attribution(
                verdict="caused", release="2.4.0", at=at(-6), reason="deployed six minutes before the onset"
            ),
            "targets": (
                TimeTarget(what="acknowledge", due_at=at(17), met_at=at(4), state="met"),
                TimeTarget(what="communicate", due_at=at(32), state="soon"),
                TimeTarget(what="fix", due_at=at(242)),
            ),
            "same_as_past": Past(
                incident="inc-1b77c0", title="payments fails", ended_at=at(-20_000), ended="closed"
            ),
            "samples": tuple(_failing_call(number) for number in range(3)),
            "messages": (
                Message(
                    feedback="f-1", at=at(3), channel="in_app", text="I cannot pay, the button spins for ever",
                    language="en", call="call-0", by="trace",
                ),
                Message(feedback="f-2", at=at(4), channel="email", text="Die Zahlung klappt nicht", language="de"),
            ),
            "feedback": ("f-1", "f-2", "f-3"),
            **said,
        },
    )  # fmt: skip


def _evidence_of_checkout(cause: tuple[Dimension, ...]) -> tuple[EvidenceItem, ...]:
    return (
        EvidenceItem(
            kind="finding", id="find-1", what="118 of 412 calls failed, 1.2 were usual", cause=cause, confidence=0.99,
            reason="opened it", since=at(0), last_at=at(5), count=118,
        ),
        EvidenceItem(
            kind="group", id="g-1", what="I cannot pay, the button spins for ever", confidence=0.8, count=14,
            people=12, reason="12 of its reports are tied to failing calls of this cause", since=at(3), last_at=at(5),
        ),
        EvidenceItem(
            kind="alert", id="PaymentErrors", what="alert PaymentErrors at payments", since=at(2), last_at=at(2),
            reason="same service, within five minutes", active=False,
        ),
    )  # fmt: skip


def _failing_call(number: int) -> SampleCall:
    return SampleCall(
        call=f"call-{number}", at=at(1 + number), method="POST", route="/api/payments/{id}", upstream="payments",
        status=502, outcome="upstream_error", code="502", message="upstream closed the connection", total_ms=30.5,
        trace_id=f"{number:032x}", request_id=f"req-{number}", browser="Mobile Safari", os="iOS", country="DE",
        release="2.4.0",
    )  # fmt: skip


def erp(**said: Any) -> Incident:
    """A database service is slow from the amount of data; others wait for it."""
    cause = (Dimension(attribute="upstream", value="reports-db"),)
    return incident(
        "inc-9d02bb",
        REPORTS,
        **{
            "project": "erp",
            "revision": 4,
            "state_version": 3,
            "state": "verifying",
            "title": "upstream reports-db: slow, following the number of rows",
            "cause": cause,
            "blame": "upstream",
            "rank": 1,
            "onset": at(-90),
            "opened_at": at(-84),
            "calls": 900,
            "observed": 320,
            "expected": 20,
            "reports": 6,
            "reporters": 6,
            "regressed": True,
            "fix_release": "7.1",
            "victims": ("orders", "invoices"),
            "verification": Verification(since=at(1), quiet_s=5400, reason="at 3 reports an hour it is quiet by then"),
            "evidence": (
                EvidenceItem(
                    kind="finding", id="find-2", what="a call typically takes 4,000 ms, 600 ms usually", cause=cause,
                    reason="opened it", since=at(-90), last_at=at(5), confidence=0.9, count=320,
                ),
                EvidenceItem(
                    kind="finding", id="find-3", role="symptom", what="upstream orders is slow", since=at(-88),
                    reason="orders waits for reports-db", last_at=at(5), count=40,
                ),
            ),
            **said,
        },
    )  # fmt: skip


def weakness(**said: Any) -> Incident:
    """Somebody sees what belongs to others; only few may read of it."""
    return incident(
        "inc-3e8f10",
        WEAKNESS,
        **{
            "nature": "security",
            "restricted": True,
            "rank": 2,
            "revision": 3,
            "title": "invoices of strangers are shown",
            "reports": 2,
            "reporters": 2,
            "workaround": "hide the invoice button",
            "evidence": (
                EvidenceItem(
                    kind="group", id="g-7", what="I see the invoice of a stranger", reason="opened it", since=at(0),
                    last_at=at(3), count=2, people=2, confidence=0.8,
                ),
            ),
            "messages": (Message(feedback="f-9", at=at(1), channel="email", text="a stranger's invoice, tell nobody"),),
            "samples": (
                SampleCall(call="call-9", at=at(1), route="/invoices/{id}", message="invoice of another account"),
            ),
            "feedback": ("f-9",),
            **said,
        },
    )  # fmt: skip


def merged(**said: Any) -> Incident:
    """One that turned out to be the checkout."""
    return incident(
        "inc-7c9000",
        WISH,
        **{
            "state": "merged",
            "merged_into": "inc-7c41aa",
            "title": "voucher is refused",
            "revision": 6,
            "state_version": 1,
            "closed_reason": "the same payment provider",
            **said,
        },
    )


def wish(**said: Any) -> Incident:
    """What people would like to have."""
    return incident(
        "inc-55d1e2", WISH, **{"nature": "request", "title": "a wish list", "rank": 3, "reports": 60, **said}
    )


def every() -> list[Incident]:
    """One of each."""
    return [checkout(), erp(), weakness(), merged(), wish()]
