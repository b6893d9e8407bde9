"""What each stage reads and writes, so that commands can follow an event without starting a stage."""

from __future__ import annotations

from contracts.topic import DEAD_LETTER_SUFFIX, Topic, dead_letters_of
from contracts.topics import (
    AUDIT,
    BASELINES,
    CALLS,
    COMMANDS,
    DEAD_LETTERS,
    FEEDBACK,
    FEEDBACK_SCORED,
    FINDINGS,
    GATEWAY,
    GROUPS,
    HEALTH,
    INCIDENTS,
    MATRIX,
    SIGNALS,
    SYMPTOMS,
    WINDOWS,
)

READS: dict[str, tuple[Topic, ...]] = {
    "telemetry": (GATEWAY,),
    "feedback": (FEEDBACK, SYMPTOMS, COMMANDS),
    "health": (WINDOWS, BASELINES, SIGNALS),
    "sink-calls": (CALLS,),
    "sink-feedback": (FEEDBACK_SCORED, GROUPS, MATRIX, AUDIT),
    "sink-health": (FINDINGS, HEALTH, SIGNALS),
    "sink-incidents": (INCIDENTS,),
    "sink-deadletters": DEAD_LETTERS,
    "incidents": (FINDINGS, GROUPS, FEEDBACK_SCORED, SYMPTOMS, SIGNALS, COMMANDS),
}
DERIVES: dict[str, tuple[Topic, ...]] = {
    "telemetry": (CALLS, SYMPTOMS, WINDOWS),
    "feedback": (FEEDBACK_SCORED, GROUPS, MATRIX, AUDIT),
    "health": (FINDINGS, HEALTH),
    "incidents": (INCIDENTS, AUDIT),
}
"""Topics that a stage writes its outputs to; sinks write to Elasticsearch."""


def group_of(stage: str, prefix: str = "") -> str:
    """Consumer group of a stage."""
    return f"{prefix}hypercare-{stage}"


def writes(stage: str) -> tuple[Topic, ...]:
    """Every topic a stage writes: its outputs, then its dead letters."""
    kept = tuple(dead_letters_of(topic) for topic in READS[stage] if not topic.name.endswith(DEAD_LETTER_SUFFIX))
    return (*DERIVES.get(stage, ()), *kept)


def reader_of(topic: str) -> str:
    """The stage that reads a topic, given without prefix; empty when none does."""
    return next((stage for stage, topics in READS.items() if any(topic == read.name for read in topics)), "")
