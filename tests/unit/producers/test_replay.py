from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.calls import GatewayCall
from producers.replay import Pace


def test_a_pace_plays_events_as_if_they_happened_now() -> None:
    began = datetime(2026, 11, 1, tzinfo=UTC)
    waited: list[float] = []
    pace = Pace(speed=60, clock=lambda: began + timedelta(seconds=sum(waited)), sleep=waited.append)
    played = [
        pace.play(
            GatewayCall.model_validate(
                {
                    "id": f"c{minute}",
                    "occurred_at": datetime(2020, 1, 1, 0, minute, tzinfo=UTC),
                    "request": {},
                    "response": {"status": 200},
                }
            )
        )
        for minute in (10, 12, 11, 15)
    ]
    assert [(event.occurred_at - began).total_seconds() for event in played] == [0, 2, 1, 5]
    assert waited == [2, 3], "an event older than its forerunner is not waited for"
    assert len({event.id for event in played}) == 4
