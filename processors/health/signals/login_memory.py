"""What is remembered of accounts and networks that log in; bounded, those not seen for long make room."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import orjson

from processors.health.surge import Surge
from processors.runtime.tables import TableSpec

MOST_FAILURES, MOST_SEEN = 200, 10


@dataclass(slots=True)
class Account:
    """Times of its last failures; how often, from where and with what it succeeded; seconds since 1970."""

    failures: list[int] = field(default_factory=list)
    welcomed: int = 0
    at: int = 0
    countries: list[str] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    place: tuple[float, float] | None = None

    def fail(self, at: int, within_s: int) -> None:
        """Note a failure; forget those longer ago."""
        self.failures = [*(failed for failed in self.failures if at - failed <= within_s), at][-MOST_FAILURES:]

    def welcome(self, at: int, country: str, device: str, place: tuple[float, float] | None) -> None:
        """Note a success; of too many countries or devices the one used longest ago makes room."""
        self.failures.clear()
        self.welcomed += 1
        self.countries = _latest(self.countries, country)
        self.devices = _latest(self.devices, device)
        if at >= self.at:
            self.at, self.place = at, place

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Account:
        """Read it back."""
        fields = orjson.loads(value)
        fields["place"] = tuple(fields["place"]) if fields["place"] else None
        return cls(**fields)


@dataclass(slots=True)
class Network:
    """The last failures of a network as time and account, and the times of its successes."""

    failures: list[tuple[int, str]] = field(default_factory=list)
    welcomed: list[int] = field(default_factory=list)

    def take(self, at: int, account: str, within_s: int, *, ok: bool) -> None:
        """Note an attempt; forget those longer ago."""
        self.failures = [failure for failure in self.failures if at - failure[0] <= within_s]
        self.welcomed = [success for success in self.welcomed if at - success <= within_s]
        if ok:
            self.welcomed = [*self.welcomed, at][-MOST_FAILURES:]
        else:
            self.failures = [*self.failures, (at, account)][-MOST_FAILURES:]

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Network:
        """Read it back."""
        fields = orjson.loads(value)
        return cls([(at, account) for at, account in fields["failures"]], fields["welcomed"])


ACCOUNTS: TableSpec[Account] = TableSpec("accounts", encode=Account.encode, decode=Account.decode, capacity=50_000)
NETWORKS: TableSpec[Network] = TableSpec("networks", encode=Network.encode, decode=Network.decode, capacity=10_000)
FAILED: TableSpec[Surge] = TableSpec("failed_logins", encode=Surge.encode, decode=Surge.decode, capacity=5_000)


def _latest(seen: list[str], value: str) -> list[str]:
    if not value:
        return seen
    return [*(other for other in seen if other != value), value][-MOST_SEEN:]
