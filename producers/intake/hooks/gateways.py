"""Access logs that gateways send by themselves: APIPark and Apinto (http output), Kong (http-log), OpenTelemetry.

The adapters read them. A record that cannot be read is kept as a dead letter, its neighbours go on: a gateway does not
read the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from contracts.event import Event
from producers.adapters.adapter import Adapter
from producers.adapters.apinto import Apinto
from producers.adapters.bundles import unbundled
from producers.adapters.json_lines import json_object
from producers.adapters.kong import Kong
from producers.adapters.otlp import Otlp
from producers.files import Line
from producers.intake.hooks.hook import Arrived, Hook, Read, Refused


def _reader(adapter: Adapter) -> Read:
    def read(arrived: Arrived) -> Iterator[Event | Refused]:
        if not arrived.body.strip():
            raise Rejected("empty", "the body holds no record")
        lines = (Line(0, line) for line in _documents(arrived.body))
        for number, line in enumerate(unbundled(lines, adapter)):
            try:
                yield adapter.parse(line.data, replace(arrived.place, line=number))
            except Rejected as rejected:
                yield Refused(line.data, rejected)

    return read


def _documents(body: bytes) -> list[bytes]:
    """The whole body, or its lines where the first is a document: log shippers send them so."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > 1:
        with suppress(Rejected):
            json_object(lines[0])
            return lines
    return [body]


APINTO = Hook(
    name="apinto",
    title="APIPark and Apinto, http output",
    event=GatewayCall,
    read=_reader(Apinto()),
    set_up="output http: method POST, type json (not line), header Authorization: Bearer TOKEN",
)
KONG = Hook(
    name="kong",
    title="Kong, plugin http-log",
    event=GatewayCall,
    read=_reader(Kong()),
    set_up="config.http_endpoint, config.headers.Authorization: Bearer TOKEN, queue.max_batch_size up to 10,000",
)
OTLP = Hook(
    name="otlp",
    title="OpenTelemetry traces, OTLP/JSON over HTTP",
    event=GatewayCall,
    read=_reader(Otlp()),
    set_up="exporter otlphttp: endpoint …/v1/otlp, encoding json, headers authorization: Bearer TOKEN",
)
