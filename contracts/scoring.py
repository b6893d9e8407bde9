"""Every constant of an incident's score, severity and time targets; a project may set its own in ``hypercare.toml``."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weight = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e6)]
SeverityLevel = Literal["S1", "S2", "S3", "S4"]
Priority = Literal["P1", "P2", "P3", "P4", "P5"]
PRIORITIES: tuple[Priority, ...] = ("P1", "P2", "P3", "P4", "P5")
SEVERITIES: tuple[SeverityLevel, ...] = ("S1", "S2", "S3", "S4")
SUM_TOLERANCE = 1e-9


class Scored(BaseModel):
    """Frozen, and a constant that does not exist is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Scoring(Scored):
    """What turns the facts of an incident into a number from 0 to 100; the defaults hold where nothing was agreed."""

    reach: Weight = Field(0.40, description="weight of the affected users in the impact")
    journey: Weight = Field(0.30, description="weight of what they wanted to do")
    severity: Weight = Field(0.30, description="weight of how bad it is for each")
    burn: Weight = Field(0.5, description="weight in the urgency of how fast the error budget burns")
    growth: Weight = Field(0.3, description="weight of reports that become more")
    breach: Weight = Field(0.2, description="weight of the time that is left")
    impact: Weight = Field(0.35, description="part of the impact in the score")
    urgency: Weight = Field(0.25, description="part of the urgency")
    interaction: Weight = Field(0.40, description="part of both together")
    half_life_h: Positive = Field(6.0, description="hours without evidence after which the urgency is half")
    least_users: Positive = Field(50.0, description="users from which the reach is full in a small project")
    active_share: Weight = Field(0.05, description="part of the active users from which the reach is full")
    full_burn: Positive = Field(14.4, description="burn rate that counts in full: 2 % of 30 days' budget in an hour")
    full_growth: Positive = Field(20.0, description="times more reports than usual that count in full")
    least_expected: Positive = Field(0.25, description="reports an hour that are usual, at the least")
    confidence_z: Positive = Field(1.64, description="one-sided 95 % bound of a count, in standard deviations")
    horizon_h: Positive = Field(48.0, description="hours to a breach from which it is not urgent at all")
    high: Weight = Field(0.66, description="impact or urgency from which it is high")
    medium: Weight = Field(0.33, description="and medium")
    security_p2: Weight = Field(0.7, description="probability of a weakness from which it is at least P2")
    exploited: Weight = Field(0.6, description="part of the security floor without a sign that it is abused")
    doubt: Weight = Field(0.6, description="part of the score that counts in the order whatever the confidence")
    s1: Weight = Field(0.80, description="impact from which the severity is S1")
    s2: Weight = Field(0.60, description="S2")
    s3: Weight = Field(0.35, description="S3, S4 below")
    noise: Weight = Field(0.5, description="what each mark as noise leaves of the confidence of what repeats")
    default_journey: Weight = Field(0.5, description="weight of a journey nobody has named")
    cvss: Annotated[float, Field(ge=0, le=10)] = Field(7.0, description="CVSS of a weakness that nobody has rated")

    @model_validator(mode="after")
    def _weights_sum_up(self) -> Self:
        for names in (
            ("reach", "journey", "severity"),
            ("burn", "growth", "breach"),
            ("impact", "urgency", "interaction"),
        ):
            total = sum(getattr(self, name) for name in names)
            if abs(total - 1) > SUM_TOLERANCE:
                raise ValueError(f"{', '.join(names)} have to sum up to 1, and give {total:g}")
        if not self.medium < self.high or not self.s3 < self.s2 < self.s1:
            raise ValueError("medium has to be below high, and s3 below s2 below s1")
        return self

    @cached_property
    def version(self) -> str:
        """Names these constants: ``1`` for the ones shipped, with eight digits of a hash for any others."""
        changed = self.model_dump(exclude_defaults=True)
        if not changed:
            return "1"
        said = ",".join(f"{name}={changed[name]!r}" for name in sorted(changed))
        return f"1+{hashlib.sha256(said.encode()).hexdigest()[:8]}"


class Target(Scored):
    """Within how many minutes an incident is acknowledged, its fix deployed, and those concerned told; none if open."""

    acknowledge: Positive | None = None
    communicate: Positive | None = None
    fix: Positive | None = None


class Targets(Scored):
    """Time targets by severity, in minutes from the opening; a warning comes when ``warn`` of the time is over."""

    S1: Target = Target(acknowledge=15, communicate=30, fix=4 * 60)
    S2: Target = Target(acknowledge=30, communicate=2 * 60, fix=8 * 60)
    S3: Target = Target(acknowledge=4 * 60, communicate=24 * 60, fix=3 * 24 * 60)
    S4: Target = Target(acknowledge=24 * 60, communicate=None, fix=10 * 24 * 60)
    warn: Weight = 0.75

    def of(self, severity: SeverityLevel) -> Target:
        """Those of a severity."""
        found: Target = getattr(self, severity)
        return found


class Journey(Scored):
    """What users want to do, how much it matters, and the routes that serve it."""

    journey: Annotated[str, Field(min_length=1, max_length=300)]
    weight: Weight
    routes: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=300)], ...], Field(max_length=1_000)] = ()
