"""Signals of those who watch and deploy: releases that go live, resources that are used up, data that is taken."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from contracts.cloudevents import rfc3339
from producers.simulate.asked import Asked
from producers.simulate.traffic.traffic import spelled_signal
from producers.simulate.wire import Call
from producers.simulate.world import INSTANCES, rhythm_at

REPORT_S = 30
BEFORE_S = 90.0
"""A deployment is reported so long before its fault shows."""
FULL = 0.97
HISTORY_S = 26 * 3_600
"""What is usual for data must have been seen for a day, so their signals begin that long before the calls."""
ACCOUNTS, HOURLY_ROWS, TAKEN_ROWS, PIECES = 30, 250, 60_000, 12
DATA = ("customers", "orders", "invoices")


class NoCalls:
    """Only signals."""

    def calls(self) -> Iterator[Call]:
        """There are none."""
        return iter(())


@dataclass(frozen=True)
class Deployed(NoCalls):
    """A release of one service goes live, shortly before it fails."""

    asked: Asked
    service: str
    release: str
    previous: str

    def signals(self) -> Iterator[Call]:
        """One."""
        said = {"release": self.release, "previous": self.previous}
        yield spelled_signal(f"deployment-{self.asked.seed}", self._at, "deployment", said, self.service)

    def truth(self) -> Mapping[str, Any]:
        """It explains a fault, and is none."""
        at = rfc3339(datetime.fromtimestamp(self._at, UTC))
        return {"kind": "deployment", "harmless": True, "service": self.service, "release": self.release, "at": at}

    @property
    def _at(self) -> float:
        return max(self.asked.start.timestamp(), self.asked.onset - BEFORE_S)


@dataclass(frozen=True)
class Full(NoCalls):
    """From the onset on a resource of one instance is used up within ``rise_s``; the others stay at the ``usual``."""

    asked: Asked
    resource: str
    instance: str
    others: tuple[str, ...]
    service: str | None = None
    usual: float = 0.45
    rise_s: float = 120.0

    def signals(self) -> Iterator[Call]:
        """A report of every instance each half minute."""
        asked, random = self.asked, Random(f"{self.asked.seed}/{self.resource}")
        start = asked.start.timestamp()
        for number in range(int(asked.duration.total_seconds() / REPORT_S)):
            at = start + number * REPORT_S
            for place, instance in enumerate((self.instance, *self.others)):
                used = self._used(at) if instance == self.instance else self.usual
                used = min(1.0, max(0.0, used + random.gauss(0, 0.01)))
                said = {"instance": instance, "used": {self.resource: round(used, 3)}}
                name = f"{self.resource}-{asked.seed}-{number}-{place}"
                yield spelled_signal(name, at, "resources", said, self.service)

    def truth(self) -> Mapping[str, Any]:
        """Which resource of which instance."""
        cause = {"instance": self.instance, "resource": self.resource}
        return {
            "kind": "capacity",
            "cause": cause | ({"upstream": self.service} if self.service else {}),
            "equivalents": [],
            "used": FULL,
        }

    def _used(self, at: float) -> float:
        if not self.asked.onset <= at < self.asked.end:
            return self.usual
        return self.usual + (FULL - self.usual) * min(1.0, (at - self.asked.onset) / self.rise_s)


@dataclass(frozen=True)
class DataTaken(NoCalls):
    """Accounts read a little every hour; one exports far more than anybody, in pieces, from the onset on."""

    asked: Asked

    @property
    def account(self) -> str:
        """Who takes the data."""
        return f"clerk-{self.asked.seed % ACCOUNTS:04d}"

    def signals(self) -> Iterator[Call]:
        """A day of history, then the run."""
        asked, random = self.asked, Random(f"{self.asked.seed}/usage")
        first = asked.start.timestamp() - HISTORY_S
        whole = HISTORY_S + asked.duration.total_seconds()
        usual = sorted(self._usual(random, first, whole))
        taken = [
            (asked.onset + 20.0 * piece, self.account, "customers", TAKEN_ROWS // PIECES) for piece in range(PIECES)
        ]
        last = min(asked.end, first + whole)
        for number, (at, account, data, rows) in enumerate(
            sorted([*usual, *(each for each in taken if each[0] < last)])
        ):
            said = {"account": account, "data": data, "action": "export", "rows": rows, "bytes": 180 * rows}
            yield spelled_signal(f"usage-{asked.seed}-{number}", at, "usage", said)

    def truth(self) -> Mapping[str, Any]:
        """The account is named as the sender names it; findings hold its pseudonym."""
        return {
            "kind": "data_access",
            "cause": {"account": self.account, "action": "export", "data": "customers"},
            "equivalents": [],
            "rows": TAKEN_ROWS,
        }

    def _usual(self, random: Random, first: float, whole: float) -> Iterator[tuple[float, str, str, int]]:
        for hour in range(math.ceil(whole / 3_600)):
            for number in range(ACCOUNTS):
                at = first + 3_600 * hour + random.uniform(0, 3_600)
                rows = round(HOURLY_ROWS * rhythm_at(at) * random.lognormvariate(0, 0.4))
                if rows and at < first + whole:
                    yield at, f"clerk-{number:04d}", random.choice(DATA), rows


def gateways_but(instance: str) -> tuple[str, ...]:
    """The other gateway instances of the world."""
    return tuple(name for name in INSTANCES if name != instance)
