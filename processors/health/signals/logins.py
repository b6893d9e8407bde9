"""Log-ins that look like an attack.

Guessing at one account, one network at many, more failures than ever, and successes from where nobody can be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from contracts.signals import Login, Signal
from processors.health.by_project import by_name
from processors.health.sighting import CauseKey, Sighting
from processors.health.signals.login_memory import ACCOUNTS, FAILED, NETWORKS, Account, Network
from processors.health.surge import Surge
from processors.runtime.tables import State, TableSpec

GUESSES, GUESS_S = 10, 300
"""Failures at one account in five minutes: people stop at five, or ask for a new password (OWASP ASVS 2.2.1 allows no
more than a hundred an hour)."""
SPRAYED, SPRAY_FAILURES, SPRAY_S = 10, 20, 600
"""Accounts that fail from one network in ten minutes, and failures there; an office that mistypes succeeds as well."""
KNOWN = 5
"""Successes of an account before another country says something."""
FASTEST_KMH, NEAREST_KM = 1_000.0, 500.0
"""Faster than an airliner, over more than the error of address tables."""
EARTH_KM = 6_371.0
COLD = "failed log-ins are known for less than an hour"
TABLES: tuple[TableSpec[Any], ...] = (ACCOUNTS, NETWORKS, FAILED)


class Logins:
    """The log-ins of one partition's projects; accounts are pseudonyms here, addresses networks."""

    def __init__(self, state: State) -> None:
        self._accounts = state[ACCOUNTS]
        self._networks = state[NETWORKS]
        self._failed = by_name(state[FAILED])

    def take(self, project: str, signal: Signal) -> Iterator[Sighting]:
        """One attempt."""
        if (login := signal.login) is None:
            return
        at = int(signal.occurred_at.timestamp())
        key = f"{project}|{login.account}"
        account = self._accounts.get(key) or Account()
        if login.ok:
            yield from _welcomed(account, login, at)
        else:
            account.fail(at, GUESS_S)
            if len(account.failures) >= GUESSES:
                yield _of_account(login.account, "guessing", account.failures, at, 0.9)
            yield from self._surge(project, at)
        self._accounts[key] = account
        yield from self._from(project, login, at)

    def forget(self, project: str) -> None:
        """Drop everything about a project."""
        self._failed.forget(project)
        for table in (self._accounts, self._networks):
            for key in [key for key in table if key.startswith(f"{project}|")]:
                del table[key]

    def _from(self, project: str, login: Login, at: int) -> Iterator[Sighting]:
        """Many accounts that fail from one network, where few succeed."""
        if not login.client.ip:
            return
        key = f"{project}|{login.client.ip}"
        network = self._networks.get(key) or Network()
        network.take(at, login.account, SPRAY_S, ok=login.ok)
        self._networks[key] = network
        failures, accounts = len(network.failures), len({account for _, account in network.failures})
        if not login.ok and failures >= SPRAY_FAILURES and accounts >= SPRAYED and failures > 2 * len(network.welcomed):
            yield _sighting(
                (("network", login.client.ip),), "spraying", network.failures[0][0], at,
                observed=failures, confidence=0.95, numbers={"accounts": float(accounts)},
            )  # fmt: skip

    def _surge(self, project: str, at: int) -> Iterator[Sighting]:
        surge = self._failed.get(project, "") or Surge(at)
        surge.take(at, 1)
        rise = surge.rise(at)
        self._failed.keep(project, "", surge)
        if rise is not None:
            yield _sighting(
                (), "failed_login_surge", rise.since, at,
                observed=rise.observed, expected=rise.expected, score=rise.score,
                confidence=0.95 if rise.warm else 0.7, caveats=() if rise.warm else (COLD,),
            )  # fmt: skip


def _welcomed(account: Account, login: Login, at: int) -> Iterator[Sighting]:
    """A success: after guesses, from another country and device, or from further away than anybody travels."""
    recent = [failed for failed in account.failures if at - failed <= GUESS_S]
    if len(recent) >= GUESSES:
        yield _of_account(login.account, "guessed", recent, at, 0.97)
    country = (login.client.geo.country_iso or "") if login.client.geo else ""
    place = (login.location.latitude, login.location.longitude) if login.location else None
    far = _kilometres(account.place, place) if account.place and place else 0.0
    hours = max(at - account.at, 1) / 3_600
    if far > NEAREST_KM and far / hours > FASTEST_KMH:
        yield _sighting(
            (("account", login.account),), "impossible_travel", account.at, at,
            observed=1, confidence=0.9, numbers={"travel_km": round(far), "travel_s": float(at - account.at)},
        )  # fmt: skip
    new_country = bool(country) and bool(account.countries) and country not in account.countries
    if new_country and account.welcomed >= KNOWN:
        new_device = bool(login.device) and login.device not in account.devices
        yield _sighting(
            tuple(sorted((("account", login.account), ("country", country)))), "new_country", at, at,
            observed=1, confidence=0.8 if new_device else 0.6,
            caveats=() if new_device else ("the device is known, or was not told",),
        )  # fmt: skip
    account.welcome(at, country, login.device or "", place)


def _of_account(account: str, detector: str, failures: list[int], at: int, confidence: float) -> Sighting:
    return _sighting((("account", account),), detector, failures[0], at, observed=len(failures), confidence=confidence)


def _sighting(cause: CauseKey, detector: str, since: int, at: int, *, observed: float, **more: Any) -> Sighting:
    said = {"calls": observed, "expected": 0.0, "score": observed, **more}
    return Sighting(kind="logins", cause=cause, since=since, until=at, observed=observed, detectors=(detector,), **said)


def _kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance (haversine; Sinnott, Sky and Telescope 68, 1984), in km between degrees."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(math.radians, place)) for place in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
