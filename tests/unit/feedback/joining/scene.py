"""Symptoms and complaints of a small shop, and a joiner that can be restarted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.symptoms import Symptom
from processors.feedback.joining.complaint import Complaint
from processors.feedback.joining.joiner import TABLES, Joiner
from processors.runtime.tables import State

AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
START = AT.timestamp()
PROJECT = "default/shop/production"
SAFARI = {"browser": "Mobile Safari", "os": "iOS", "device": "mobile", "country": "DE"}
CHROME = {"browser": "Chrome", "os": "Windows", "device": "desktop", "country": "FR"}


def symptom(call: str, second: float = 0, *, route: str = "/payments/{id}", **changes: Any) -> Symptom:
    """A failing call, so many seconds after the start."""
    fields: dict[str, Any] = {
        "id": f"symptom-{call}",
        "call": call,
        "occurred_at": AT + timedelta(seconds=second),
        "project": "shop",
        "method": "POST",
        "route": route,
        "upstream": "payments",
        "status": 502,
        "outcome": "upstream_error",
        "blame": "third_party",
        "total_ms": 40.0,
    }
    return Symptom.model_validate(fields | changes)


def complaint(
    name: str, second: float = 60, text: str = "The payment fails with an error", **changes: Any
) -> Complaint:
    """Something that was written in the application, so many seconds after the start."""
    at = START + second
    return replace(Complaint(name, at, at, "in_app", text, language="en"), **changes)


def noise(second: float, count: int = 40) -> Iterator[Symptom]:
    """Other calls that failed around a second, of other people on other routes."""
    for number in range(count):
        yield symptom(
            f"noise-{second}-{number}",
            second + number % 50 - 25,
            route=f"/{('stock', 'search', 'offers', 'profile', 'cart')[number % 5]}/{{id}}",
            upstream=f"service-{number % 4}",
            session=f"s-{number}",
            user=f"u-{number}",
            **(CHROME if number % 2 else SAFARI),
        )


class Restartable:
    """A joiner whose state can be stored and read back."""

    def __init__(self) -> None:
        self.state = State(TABLES)
        self.joiner = Joiner(self.state)

    def restart(self) -> None:
        """Go on from what is stored, entries in another order."""
        stored = [
            (f"{spec.name}/{key}".encode(), spec.encode(value))
            for spec in TABLES
            for key, value in self.state[spec].items()
        ]
        self.state = State(TABLES)
        for key, value in sorted(stored, reverse=True):
            self.state.restore(key, value)
        self.joiner = Joiner(self.state)
