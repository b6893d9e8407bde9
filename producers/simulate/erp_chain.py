"""An ERP at its peak: pages ask a service, which asks a database, and more data than usual overwhelms the database."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Any

import orjson

from contracts.cloudevents import rfc3339
from producers.simulate.browsers import OFFICE_AGENTS
from producers.simulate.visitors import session_of

PAGES = ("orders", "stock", "invoices", "customers", "planning")
SIDE = ("mail", "files", "login")
"""Services that have nothing to do with it."""
RUSH = timedelta(minutes=3)
"""How long the peak takes to be reached."""


@dataclass(frozen=True)
class ErpChain:
    """Who is slow, and why, is drawn by the seed; ``onset`` counts from ``start``."""

    seed: int
    start: datetime
    duration: timedelta
    onset: timedelta
    users: int = 0

    @property
    def database(self) -> str:
        """The service that the volume overwhelms."""
        return f"db-{Random(f'{self.seed}/database').choice(('reporting', 'ledger', 'warehouse', 'archive'))}"

    @property
    def middle(self) -> str:
        """The internal API in front of it."""
        return Random(f"{self.seed}/middle").choice(("reports", "exports", "statements"))

    @property
    def usual_page_ms(self) -> float:
        """What a page takes off the peak, at the median."""
        usual, _, cost_ms, _, _ = _load(Random(self.seed))
        return 15 + math.exp(usual) * cost_ms + 12 + 8

    def truth(self) -> Mapping[str, Any]:
        """What was planted."""
        return {
            "kind": "latency",
            "cause": {"upstream": self.database},
            "equivalents": [],
            "driver": "rows",
            "victims": sorted({self.middle, *PAGES}),
            "onset": rfc3339(self.start + self.onset),
        }

    def calls(self) -> Iterator[tuple[int, bytes]]:
        """Raw calls in the order of their end, a second's worth at a time."""
        random = Random(self.seed)
        usual, peak, cost_ms, busy, pages = _load(random)
        number = 0
        for second in range(int(self.duration.total_seconds())):
            at = self.start + timedelta(seconds=second)
            full = min(1.0, max(0.0, (second - self.onset.total_seconds()) / RUSH.total_seconds()))
            calls: list[tuple[datetime, dict[str, Any]]] = []
            for _ in range(_poisson(random, pages)):
                number += 1
                rows = round(random.lognormvariate(usual + peak * full, 0.5))
                page = random.choice(PAGES)
                own = (15 + rows * cost_ms * (1 + busy * full)) * random.lognormvariate(0, 0.15)
                middle = own + 12 * random.lognormvariate(0, 0.3)
                whole = middle + 8 * random.lognormvariate(0, 0.3)
                moment = at + timedelta(milliseconds=random.randrange(1_000))
                hops = (
                    _Hop(None, page, whole, 0),
                    _Hop(page, self.middle, middle, 0),
                    _Hop(self.middle, self.database, own, rows),
                )
                calls += [(moment, _call(f"{number}-{hop.upstream}", moment, hop)) for hop in hops]
            for _ in range(_poisson(random, pages)):
                number += 1
                moment = at + timedelta(milliseconds=random.randrange(1_000))
                took = 40 * random.lognormvariate(0, 0.5)
                calls.append((moment, _call(f"{number}-side", moment, _Hop(None, random.choice(SIDE), took, 0))))
            calls.sort(key=lambda call: call[0])
            for moment, call in calls:
                made_by = _made_by(self.seed, call, moment, self.users) if self.users else {}
                named = {**call, **made_by, "id": f"erp-{self.seed}-{call['id']}"}
                yield int(moment.timestamp() * 1000), orjson.dumps(named)


@dataclass(frozen=True, slots=True)
class _Hop:
    caller: str | None
    upstream: str
    took_ms: float
    rows: int


def _call(name: str, moment: datetime, hop: _Hop) -> dict[str, Any]:
    return {
        "id": name,
        "occurred_at": moment.isoformat(),
        "request": {"method": "GET", "route": f"/{hop.upstream}"},
        "response": {"status": 200, "bytes": 300 + 90 * hop.rows},
        "latency": {"total_ms": round(hop.took_ms, 3)},
        "upstream": {"service": hop.upstream},
        "rows": hop.rows,
        **({"caller": {"service": hop.caller}} if hop.caller else {}),
    }


def _load(random: Random) -> tuple[float, float, float, float, float]:
    """Logarithm of the usual rows, how much it grows, ms a row, how much dearer rows get, and pages a second."""
    usual, peak = random.uniform(5.5, 6.5), random.uniform(1.0, 2.2)
    cost_ms, busy = random.uniform(0.01, 0.04), random.uniform(0.3, 1.0)
    return usual, peak, cost_ms, busy, random.uniform(2.0, 6.0)


def _made_by(seed: int, call: dict[str, Any], moment: datetime, users: int) -> dict[str, Any]:
    """User, session, trace and browser of a call; all calls of one page have one trace, only the page has a person."""
    page = call["id"].partition("-")[0]
    code = 1 + zlib.crc32(f"{seed}/{page}/clerk".encode()) % users
    _, session = session_of(seed, code, moment.timestamp())
    digest = blake2b(f"{seed}/{page}".encode(), digest_size=16).hexdigest()
    span = f"{zlib.crc32(call['id'].encode()):016x}"
    made = {
        "trace": {"trace_id": digest, "span_id": span},
        "request": {**call["request"], "id": f"r-{page}-{span[8:]}"},
    }
    if "caller" in call:
        return made
    agent = OFFICE_AGENTS[code % len(OFFICE_AGENTS)]
    return {**made, "user": f"clerk-{code:04d}", "session": session, "client": {"user_agent": agent.text}}


def _poisson(random: Random, mean: float) -> int:
    """Knuth, "Seminumerical Algorithms", 3.4.1."""
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
