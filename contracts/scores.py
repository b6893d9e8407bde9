"""The score of an incident, with every fact and every part that it was computed from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.event import Part
from contracts.limits import Count, Line, Name
from contracts.scoring import Priority, SeverityLevel

Share = Annotated[float, Field(ge=0, le=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Points = Annotated[float, Field(ge=0, le=100)]


class ScoreInputs(Part):
    """The facts the score is computed from; nothing else goes into it.

    ``users`` are distinct people affected, from failing calls and reports together. Burn rates are multiples of the
    pace at which the error budget lasts exactly for the phase. ``hours_to_breach`` is none where no breach is in sight.
    """

    users: Count = 0
    active_users: Count = 0
    journey_weight: Share = 0
    severity_text: Share = 0
    severity_telemetry: Share = 0
    burn_long: Annotated[Finite, Field(ge=0)] = 0
    burn_short: Annotated[Finite, Field(ge=0)] = 0
    reports: Count = Field(0, description="in the last hour")
    expected_reports: Annotated[Finite, Field(ge=0)] = 0
    in_breach: bool = False
    hours_to_breach: Annotated[Finite, Field(ge=0)] | None = None
    evidence_age_h: Annotated[Finite, Field(ge=0)] = 0
    security: Share = Field(0, description="probability that it is a weakness which could be abused")
    cvss: Annotated[float, Field(ge=0, le=10)] = 0
    exploited: bool = False
    confidence: Share = 0


class ScoreParts(Part):
    """The inputs normalised to 0..1, and what each part adds to the score, which is at least ``floor``."""

    reach: Share = 0
    severity: Share = 0
    impact: Share = 0
    burn: Share = 0
    growth: Share = 0
    breach: Share = 0
    decay: Share = 0
    urgency: Share = 0
    impact_points: Points = 0
    urgency_points: Points = 0
    interaction_points: Points = 0
    floor: Points = 0


class Score(Part):
    """How much it matters now, with everything it was computed from and by: ``config`` names the constants."""

    value: Points
    severity: SeverityLevel
    priority: Priority
    order: Points = Field(description="by which incidents of one priority are ranked: the score as far as it is sure")
    inputs: ScoreInputs = ScoreInputs()
    parts: ScoreParts = ScoreParts()
    config: Name
    sentence: Line
