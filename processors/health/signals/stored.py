"""A signal as it may be kept: with a time that is plausible, and nothing personal in it."""

from __future__ import annotations

from typing import NamedTuple

from contracts.cloudevents import open_envelope, read_event
from contracts.signals import Signal
from processors.event_time import clamp
from processors.hidden import hidden
from processors.runtime.records import Record


class Read(NamedTuple):
    """A signal, whether its time was replaced by Kafka's, and whether it is meant to be one of the past."""

    signal: Signal
    clamped: bool
    backfill: bool


def read_signal(record: Record, key: bytes) -> Read:
    """Read it, with accounts and devices as pseudonyms made with ``key``; raise `Rejected`."""
    envelope = open_envelope(record.value, record.headers)
    signal = hidden(read_event(envelope, Signal), key)
    occurred_at, clamped = clamp(signal.occurred_at, record.timestamp, backfill=envelope.backfill)
    if clamped:
        signal = Signal.trusted({**signal.__dict__, "occurred_at": occurred_at})
    return Read(signal, clamped, envelope.backfill)
