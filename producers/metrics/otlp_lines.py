"""A file of OTLP/JSON metrics, one export request a line, as the collector's file exporter writes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected
from contracts.signals import Signal
from contracts.topics import SIGNALS
from producers.adapters.adapter import Place
from producers.adapters.json_lines import json_object
from producers.files import Line
from producers.metrics.signals import signals_of_otlp


def read_lines(lines: Iterable[Line], place: Place, now: datetime) -> Iterator[Signal | DeadLetter]:
    """Every line's signals, or its dead letter."""
    for line in lines:
        if not line.data.strip():
            continue
        try:
            if line.fault:
                raise line.fault
            yield from signals_of_otlp(json_object(line.data), replace(place, line=line.number))
        except Rejected as refused:
            yield DeadLetter.of_input(
                refused, line.data, topic=SIGNALS.name, stage="metrics", at=now, source=place.source, line=line.number
            )
