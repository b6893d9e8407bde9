"""Log-ins, and an attack on them: passwords stolen elsewhere are tried on many accounts from many addresses."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from producers.simulate.asked import Asked
from producers.simulate.traffic.callers import Caller, Callers
from producers.simulate.traffic.traffic import arrivals, spelled_signal
from producers.simulate.wire import Call
from producers.simulate.world import BROWSERS, rhythm_at

ROUTE, SERVICE = "/api/v1/login", "login.shop.example.com"
USUAL_SHARE, MISTYPED = 0.015, 0.04
"""Log-ins among all calls, and how many fail without any attack."""
ATTACK_SHARE, LEAST_A_S, RIGHT = 0.06, 2.0, 0.01
"""Attempts for each call, at least two a second; one in a hundred of the stolen passwords fits."""
NETWORKS = 60
"""Networks of the documentation range 2001:db8::/32 (RFC 3849); each gets only a few attempts a minute."""
STOLEN = 50_000
"""Accounts on the list; most of them do not exist here."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody tries to log in."""

    number: int
    at: float
    caller: Caller
    account: str
    address: str
    ok: bool
    attack: bool


@dataclass(frozen=True)
class Stuffing:
    """Usual log-ins all the time, the attack from the onset on."""

    asked: Asked

    def calls(self) -> Iterator[Call]:
        """Each attempt is a call that is answered 200 or 401."""
        callers, random = Callers.of(self.asked), Random(f"{self.asked.seed}/login calls")
        for each in self._attempts():
            fields = {
                "request": {"method": "POST", "route": ROUTE},
                "response": {"status": 200 if each.ok else 401, "bytes": 400},
                "latency": {"total_ms": round(90 * random.lognormvariate(0, 0.4), 3)},
                "upstream": {"service": SERVICE},
                "auth": {"method": "password", "ok": each.ok},
                "client": {
                    "ip": each.address, "geo": {"country_iso": each.caller.country}, "user_agent": each.caller.agent,
                },
            }  # fmt: skip
            name = f"login-{self.asked.seed}-{each.number}"
            yield callers.call(name, each.at, each.caller, random, fields, known=not each.attack)

    def signals(self) -> Iterator[Call]:
        """And each is a signal."""
        for each in self._attempts():
            client = {"ip": each.address, "geo": {"country_iso": each.caller.country}}
            said = {"account": each.account, "ok": each.ok, "client": client, "device": f"device-of-{each.account}"}
            if each.attack:
                del said["device"]
            yield spelled_signal(f"login-signal-{self.asked.seed}-{each.number}", each.at, "login", said, SERVICE)

    def truth(self) -> Mapping[str, Any]:
        """Calls show where, signals show what."""
        return {
            "kind": "auth_failures",
            "also": ["logins"],
            "cause": {"route": ROUTE},
            "equivalents": [{"upstream": SERVICE}],
            "networks": NETWORKS,
        }

    def _attempts(self) -> Iterator[Attempt]:
        tagged = heapq.merge(self._arrivals(12, self._usual), self._arrivals(13, self._attack))
        callers, random = Callers.of(self.asked), Random(f"{self.asked.seed}/logins")
        for number, (at, purpose) in enumerate(tagged):
            caller = callers.someone(random)
            if purpose == 12:  # noqa: PLR2004 - see above
                yield Attempt(number, at, caller, caller.account, caller.address, random.random() > MISTYPED, False)  # noqa: FBT003
                continue
            liar = Caller(caller.code, random.choice(BROWSERS).text, random.choice(self.asked.world.names["country"]))
            address = f"2001:db8:{random.randrange(1, NETWORKS + 1):x}::{random.randrange(1, 65_536):x}"
            account = f"user-{random.randrange(STOLEN):05d}"
            yield Attempt(number, at, liar, account, address, random.random() < RIGHT, True)  # noqa: FBT003

    def _arrivals(self, purpose: int, rate: Any) -> Iterator[tuple[float, int]]:
        asked = self.asked
        seconds = asked.duration.total_seconds()
        return ((at, purpose) for at in arrivals(asked.seed, purpose, asked.start, seconds, rate))

    def _usual(self, at: float) -> float:
        return self.asked.rate * USUAL_SHARE * rhythm_at(at)

    def _attack(self, at: float) -> float:
        return max(LEAST_A_S, self.asked.rate * ATTACK_SHARE) if self.asked.onset <= at < self.asked.end else 0.0
