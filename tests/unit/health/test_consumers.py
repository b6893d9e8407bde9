"""Consumers are held to what was agreed with them, from the first minutes on, and to nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.agreements import Project
from contracts.findings import Finding
from hypercare.evaluate.pipeline import Pipeline

NINE = datetime(2026, 6, 15, 9, tzinfo=UTC)
PARTNER = {"consumer": "partner-a"}


def calls(
    minutes: int, per_minute: int, *, failing: float = 0.0, name: str = "partner-a"
) -> Iterator[tuple[int, bytes]]:
    """Calls of one consumer, and as many of another that nothing was agreed with."""
    random = Random(1)
    for number in range(minutes * per_minute):
        at = NINE + timedelta(seconds=60 * number / per_minute)
        for consumer, share in ((name, failing), ("own-app", 0.0)):
            event = {
                "id": f"{consumer[:20]}-{number}",
                "occurred_at": at.isoformat(),
                "consumer": consumer,
                "request": {"route": "/orders", "method": "GET"},
                "response": {"status": 503 if random.random() < share else 200},
                "upstream": {"service": "orders"},
            }
            yield int(at.timestamp() * 1000), orjson.dumps(event)


def opened(came: Iterator[tuple[int, bytes]], limits: dict[str, float] | None, **agreed: object) -> list[Finding]:
    consumers = [] if limits is None else [{"consumer": "partner-a", "limits": limits}]
    shop = Project.model_validate({"project": "default", "consumers": consumers, **agreed})
    return [finding for finding in Pipeline((shop,)).run(came) if finding.state == "opened"]


def named(finding: Finding) -> dict[str, str]:
    return {dimension.attribute: dimension.value for dimension in finding.cause}


def test_more_calls_than_agreed_are_told_with_what_was_agreed() -> None:
    (found,) = opened(calls(8, 300), {"most_calls": 100})
    assert (found.kind, named(found)) == ("volume_surge", PARTNER)
    assert found.sentence.startswith("consumer partner-a: 1500 calls came where 500 were agreed")
    assert (found.evidence.calls, found.evidence.expected) == (1500, 500)


def test_fewer_calls_than_agreed_are_told_even_where_none_came() -> None:
    (few,) = opened(calls(8, 10), {"least_calls": 60})
    assert (few.kind, named(few)) == ("volume_drop", PARTNER)
    (none,) = opened(calls(8, 60, name="partner-b"), {"least_calls": 30})
    assert (none.kind, named(none), none.evidence.calls) == ("volume_drop", PARTNER, 0)


def test_a_smaller_share_than_the_project_may_have_is_held_to() -> None:
    (found,) = opened(calls(8, 300, failing=0.04), {"failing_share": 0.01})
    assert (found.kind, named(found)) == ("errors", PARTNER)
    assert "were agreed" in found.sentence
    assert found.evidence.failures
    assert not opened(calls(8, 300, failing=0.04), None)


def test_what_is_within_its_bounds_is_not_told() -> None:
    assert not opened(calls(8, 100, failing=0.02), {"failing_share": 0.05, "most_calls": 110, "least_calls": 90})


def test_nothing_is_told_before_five_minutes_are_known() -> None:
    assert not opened(calls(4, 300), {"most_calls": 100, "least_calls": 0.1})


def test_it_closes_when_the_consumer_keeps_to_it_again() -> None:
    shop = Project.model_validate({"project": "default", "consumers": [{**PARTNER, "limits": {"most_calls": 100}}]})
    pipeline = Pipeline((shop,))
    found = list(pipeline.run(calls(8, 300)))
    later = [
        (at + 480_000, orjson.dumps({**orjson.loads(raw), "id": f"late-{number}",
         "occurred_at": datetime.fromtimestamp((at + 480_000) / 1000, UTC).isoformat()}))
        for number, (at, raw) in enumerate(calls(14, 50))
    ]  # fmt: skip
    found += pipeline.run(later)
    assert [finding.state for finding in found if finding.kind == "volume_surge"][-1] == "closed"


@settings(max_examples=15, deadline=None)
@given(per_minute=st.integers(20, 120), most=st.integers(30, 300))
def test_who_keeps_to_what_was_agreed_is_never_told(per_minute: int, most: int) -> None:
    found = opened(calls(6, per_minute), {"most_calls": most})
    assert not found or per_minute > most


@pytest.mark.parametrize("name", ["", "\u202ex", "x" * 300])
def test_odd_names_do_no_harm(name: str) -> None:
    assert not opened(calls(6, 20, name=name), {"most_calls": 100})
