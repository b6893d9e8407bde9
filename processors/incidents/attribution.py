"""Whether a release brought an incident."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from contracts.findings import Finding
from processors.incidents.dimensions import Key
from processors.incidents.targets import moment

SHORTLY_S = 3_600.0
"""A release shows its faults within the hour, as soon as it is used."""
TIMES_WORSE = 3.0
"""One of two releases side by side is to blame when so many times more of its calls fail."""
FEWEST = 20


class Deployed(NamedTuple):
    """A release that went live ``at`` a time, in seconds since 1970."""

    at: float
    service: str
    release: str
    state: str


Verdict = dict[str, str | float | None]


def attributed(cause: Key, onset: float, findings: Iterable[Finding], deployed: Iterable[Deployed]) -> Verdict:
    """Caused by a release, older than the last one, or unrelated; with the reason."""
    dims = dict(cause)
    if "release" in dims:
        return _said("caused", f"only calls with release {dims['release']} are concerned", dims["release"])
    for finding in findings:
        worst = _worse_side(finding)
        if worst is not None:
            return _said("caused", f"side by side, {worst[1]}", worst[0])
    live = [one for one in deployed if one.state != "failed" and one.service in {"", dims.get("upstream", one.service)}]
    before = [one for one in live if 0 <= onset - one.at <= SHORTLY_S]
    if before:
        last = max(before)
        return _said(
            "caused", f"{_named(last)} went live {(onset - last.at) / 60:.0f} minutes before", last.release, last.at
        )
    after = [one for one in live if one.at > onset]
    if after:
        first = min(after)
        return _said("older", f"it was there before {_named(first)} went live", first.release, first.at)
    return _said("unrelated", "no release went live within an hour before it")


def _worse_side(finding: Finding) -> tuple[str, str] | None:
    sides = [side for side in finding.evidence.versions if side.calls >= FEWEST]
    if len(sides) < 2:  # noqa: PLR2004 - side by side
        return None
    shares = sorted(((side.observed / side.calls, side.release) for side in sides), reverse=True)
    (most, release), (next_most, other) = shares[:2]
    if most <= TIMES_WORSE * max(next_most, 1 / max(side.calls for side in sides)):
        return None
    return release, f"{most:.1%} of the calls fail with {release}, {next_most:.1%} with {other}"


def _named(deployed: Deployed) -> str:
    return " ".join(part for part in (deployed.service, deployed.release) if part)


def _said(verdict: str, reason: str, release: str | None = None, at: float | None = None) -> Verdict:
    return {"verdict": verdict, "release": release, "at": at, "reason": reason}


def told(verdict: Verdict) -> dict[str, object]:
    """As the contract has it."""
    at = verdict["at"]
    return {**verdict, "at": moment(float(at)) if at is not None else None}
