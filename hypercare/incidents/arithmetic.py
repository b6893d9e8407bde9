"""The arithmetic of a score, line by line: facts, normalised parts, points, constants, and what a person set instead.

Everything comes from what is stored with the incident; the constants are those of its project, if they are still the
ones it was computed with. Formulas: `processors/incidents/score.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.incidents import Incident
from contracts.scores import Score, ScoreInputs
from contracts.scoring import Scoring
from hypercare.incidents.ranked import clock
from hypercare.incidents.shown import Lines
from hypercare.masked import masked_line
from processors.incidents.score import PRIORITY_OF, score_of

LEVELS = {"H": "high", "M": "medium", "L": "low"}


def arithmetic(incident: Incident, scoring: Scoring) -> Lines:
    """How the score came about; with other constants than ``scoring`` only what is stored."""
    score = incident.score
    yield "Incident", f"{incident.incident}  {masked_line(incident.title)}"
    yield "", masked_line(incident.sentence)
    if score.config != scoring.version:
        yield from _stored(score, scoring)
    else:
        yield "Constants", f"version {score.config}"
        yield from _impact(score, scoring)
        yield from _urgency(score, scoring)
        yield from _points(score, scoring)
        yield from _standing(score, scoring)
    yield from _override(incident)


def _stored(score: Score, scoring: Scoring) -> Lines:
    """Facts and parts without weights, which are not known here."""
    yield "Constants", f"version {score.config}, and these settings have {scoring.version}: no formulas are shown"
    for title, part in (("Facts", score.inputs), ("Parts", score.parts)):
        for number, (name, value) in enumerate(part.model_dump(exclude_none=True).items()):
            yield "" if number else title, f"{name} {value}"
    yield "Score", f"{score.value:.2f}, in the order {score.order:.2f}: {score.priority} {score.severity}"


def _impact(score: Score, by: Scoring) -> Lines:
    facts, parts = score.inputs, score.parts
    full = max(by.least_users, by.active_share * facts.active_users)
    enough = f"{by.active_share:.0%} of {facts.active_users:,} active users, at least {by.least_users:,.0f}"
    weighed = ((by.reach, parts.reach), (by.journey, facts.journey_weight), (by.severity, parts.severity))
    yield "Impact", _step("reach", parts.reach, f"= ln(1 + {facts.users:,} users) / ln(1 + {full:,.0f}), at most 1")
    yield "", f"          full from {enough}"
    if not facts.users and facts.severity_telemetry:
        yield "", "          the calls name no user: nobody is counted, however many are affected"
    yield "", _step("journey", facts.journey_weight, "what users wanted to do")
    by_words, by_calls = facts.severity_text, facts.severity_telemetry
    yield "", _step("severity", parts.severity, f"the larger of {by_words:g} by words and {by_calls:g} by calls")
    yield "", _step("I", parts.impact, f"= {_sum(weighed)}")


def _urgency(score: Score, by: Scoring) -> Lines:
    facts, parts = score.inputs, score.parts
    long, short = facts.burn_long, facts.burn_short
    usual = max(facts.expected_reports, by.least_expected)
    surely = f"({facts.reports} - {by.confidence_z:g} √{facts.reports})"
    weighed = ((by.burn, parts.burn), (by.growth, parts.growth), (by.breach, parts.breach))
    burnt = f"= ln(1 + {min(long, short):g}) / ln(1 + {by.full_burn:g}), at most 1"
    yield "Urgency", _step("burn", parts.burn, burnt)
    yield (
        "",
        f"          the smaller burn rate of the error budget: {long:g} in the long window, {short:g} in the short one",
    )
    grown = f"= ln(1 + max(0, {surely} / {usual:g} - 1)) / ln(1 + {by.full_growth:g}), at most 1"
    yield "", _step("growth", parts.growth, grown)
    yield "", f"          {facts.reports} reports in an hour where {facts.expected_reports:g} are usual"
    yield "", _step("breach", parts.breach, _breach(facts, by))
    aged = f"= 2^(-{facts.evidence_age_h:.2f} h / {by.half_life_h:g} h), by the age of the last evidence"
    yield "", _step("decay", parts.decay, aged)
    yield "", _step("U", parts.urgency, f"= {parts.decay:.4f} · ({_sum(weighed)})")


def _breach(facts: ScoreInputs, by: Scoring) -> str:
    if facts.in_breach:
        return "a limit is exceeded"
    if facts.hours_to_breach is None:
        return "no breach is in sight"
    return f"= 1 - {facts.hours_to_breach:g} h to the breach / {by.horizon_h:g} h, at least 0"


def _points(score: Score, by: Scoring) -> Lines:
    facts, parts = score.inputs, score.parts
    abused = 1.0 if facts.exploited else by.exploited
    sign = "it is abused" if facts.exploited else "no sign that it is abused"
    weak = f"= 100 · {facts.security:.4f} likely a weakness · CVSS {facts.cvss:g} / 10 · {abused:g}, {sign}"
    sure = f"= score · ({by.doubt:g} + {1 - by.doubt:g} · {facts.confidence:.4f} sure)"
    yield "Score", _step("impact", parts.impact_points, f"= 100 · {by.impact:g} · I")
    yield "", _step("urgency", parts.urgency_points, f"= 100 · {by.urgency:g} · U")
    yield "", _step("both", parts.interaction_points, f"= 100 · {by.interaction:g} · I · U")
    yield "", _step("floor", parts.floor, weak)
    yield "", _step("score", score.value, "the larger of the sum and the floor, at most 100")
    yield "", _step("order", score.order, f"{sure}; ranks those of one priority")


def _step(name: str, value: float, how: str) -> str:
    return f"{name:<9} {value:8.4f}  {how}"


def _sum(weighed: Iterable[tuple[float, float]]) -> str:
    return " + ".join(f"{weight:g} · {value:.4f}" for weight, value in weighed)


def _standing(score: Score, scoring: Scoring) -> Lines:
    levels = level(score.parts.impact, scoring) + level(score.parts.urgency, scoring)
    said = (
        f"{PRIORITY_OF[levels]}: impact {LEVELS[levels[0]]}, urgency {LEVELS[levels[1]]} "
        f"(high from {scoring.high:g}, medium from {scoring.medium:g})"
    )
    yield "Priority", said
    borders = f"S1 from impact {scoring.s1:g}, S2 from {scoring.s2:g}, S3 from {scoring.s3:g}"
    if score.inputs.security >= scoring.security_p2:
        least = "P1 and S1" if score.inputs.exploited else "P2 and S2"
        weak = f"a weakness that is at least {scoring.security_p2:.0%} likely: {least} at least"
        yield "", f"{score.priority}: {weak}"
    yield "Severity", f"{score.severity}: {borders}"
    same = score_of(score.inputs, scoring).model_copy(update={"sentence": score.sentence}) == score
    yield "Checked", "computed again from these facts: the same" if same else "computed again it is ANOTHER: report it"


def _override(incident: Incident) -> Lines:
    override = incident.override
    if override is None:
        return
    until = f" until {clock(override.until)}" if override.until else ""
    who = f"{masked_line(override.actor)} at {clock(override.at)}{until}: {masked_line(override.reason)}"
    yield "Set instead", f"{' '.join(_set(incident))} by {who}"


def _set(incident: Incident) -> Iterator[str]:
    """What of priority and severity a person set."""
    override = incident.override
    if override is not None and override.priority:
        yield override.priority
    if override is not None and override.severity:
        yield override.severity
    if override is not None and not (override.priority or override.severity):
        yield "facts of the weakness"


def level(value: float, scoring: Scoring) -> str:
    """High, medium or low as a letter."""
    return "H" if value >= scoring.high else "M" if value >= scoring.medium else "L"
