"""The life of a finding: opened, updated while it lasts, closed when it has been quiet for long enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from contracts.cloudevents import derived_id
from contracts.findings import (
    DeploymentBefore,
    Dimension,
    Driver,
    Evidence,
    Finding,
    FindingState,
    Rival,
    VersionShare,
)
from processors.health.sentences import sentence
from processors.health.sighting import CauseKey, Sighting
from processors.runtime.tables import TableSpec

QUIET_S = 300
"""A finding closes after so long without a sign; what comes back earlier was never gone."""
SOON_S, FAR_QUIET_S = 3_600, 1_200
"""What is further ahead than an hour is looked for every quarter of an hour, so that it has to be quiet for longer."""
GREW = 2.0
"""An update is published when the observed number grew so many times, the cause changed, or it became sure."""
SURE = 0.9


@dataclass(frozen=True, slots=True)
class Known:
    """A finding that is open, and what was said of it last."""

    finding: str
    revision: int
    opened_at: int
    seen_at: int
    said: Sighting

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, value: bytes) -> Known:
        """Read it back."""
        fields: dict[str, Any] = orjson.loads(value)
        said = fields["said"]
        said["cause"] = _pairs(said["cause"])
        said["rivals"] = tuple((_pairs(cause), score) for cause, score in said["rivals"])
        said["drivers"] = tuple((name, share) for name, share in said["drivers"])
        for name in ("victims", "detectors", "caveats", "alerts"):
            said[name] = tuple(said[name])
        for name in ("deployments", "versions"):
            said[name] = tuple(tuple(part) for part in said[name])
        return cls(**{**fields, "said": Sighting(**said)})


FINDINGS: TableSpec[Known] = TableSpec("findings", encode=Known.encode, decode=Known.decode, capacity=5_000)


def open_finding(project: str, sighting: Sighting) -> tuple[Known, Finding]:
    """Begin a finding."""
    name = derived_id(project, sighting.kind, sighting.cause, sighting.until)
    known = Known(name, 0, sighting.until, sighting.until, sighting)
    return known, _event(project, known, "opened")


def see_again(
    project: str, known: Known, sighting: Sighting, complete: Callable[[Sighting], Sighting]
) -> tuple[Known, Finding | None]:
    """It lasts; say so when it changed, with the evidence that ``complete`` adds."""
    said = known.said
    since = min(said.since, sighting.since)
    surer = said.confidence <= SURE < sighting.confidence
    changed = sighting.cause != said.cause or sighting.observed >= GREW * max(said.observed, 1) or surer
    if not changed:
        return replace(known, seen_at=sighting.until), None
    detectors = tuple(dict.fromkeys((*said.detectors, *sighting.detectors)))
    latest = complete(replace(sighting, since=since, detectors=detectors))
    known = replace(known, revision=known.revision + 1, seen_at=sighting.until, said=latest)
    return known, _event(project, known, "updated")


def close_if_quiet(project: str, known: Known, end: int) -> Finding | None:
    """The last event of a finding that was not seen for long enough."""
    far = known.said.numbers.get("breach_s", 0.0) > SOON_S
    if end - known.seen_at < (FAR_QUIET_S if far else QUIET_S):
        return None
    return _event(project, replace(known, revision=known.revision + 1), "closed", end)


def _event(project: str, known: Known, state: FindingState, closed_at: int | None = None) -> Finding:
    said = known.said
    tenant, name, environment, *origin = project.split("/", 3)
    return Finding(
        id=derived_id(known.finding, known.revision),
        occurred_at=_moment(closed_at or said.until),
        tenant=tenant,
        project=name,
        environment=environment,
        finding=known.finding,
        revision=known.revision,
        state=state,
        kind=said.kind,
        cause=_dimensions(said.cause),
        since=_moment(said.since),
        closed_at=None if closed_at is None else _moment(closed_at),
        confidence=said.confidence,
        blame=said.blame,
        sentence=sentence(said, closed_at=closed_at),
        evidence=Evidence(
            since=_moment(said.since),
            until=_moment(said.until),
            calls=said.calls,
            observed=said.observed,
            expected=round(said.expected, 3),
            relative_risk=round(said.observed / max(said.expected, 1e-3), 2),
            share_explained=round(min(1.0, max(0.0, said.share_explained)), 4),
            score=round(said.score, 2),
            usual_p95_ms=said.usual_p95_ms,
            own_ms=said.own_ms,
            usual_own_ms=said.usual_own_ms,
            drivers=tuple(Driver.model_validate({"name": name, "partial_r2": share}) for name, share in said.drivers),
            victims=said.victims,
            failures=said.failures,
            rivals=tuple(Rival(cause=_dimensions(cause), score=round(score, 2)) for cause, score in said.rivals),
            detectors=said.detectors,
            deployments=tuple(
                DeploymentBefore(at=_moment(at), service=service or None, release=release, state=state)
                for at, service, release, state in said.deployments
            ),
            versions=tuple(
                VersionShare(release=release, calls=calls, observed=failed) for release, calls, failed in said.versions
            ),
            alerts=said.alerts,
            **{"p95_ms": said.p95_ms, **said.numbers},
        ),
        caveats=said.caveats,
        origin=origin[0] if origin else None,
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _dimensions(cause: CauseKey) -> tuple[Dimension, ...]:
    return tuple(Dimension(attribute=attribute, value=value) for attribute, value in cause)


def _pairs(cause: list[list[str]]) -> CauseKey:
    return tuple((attribute, value) for attribute, value in cause)
