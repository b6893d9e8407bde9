"""Simulated calls as a gateway would write them: JSON of the contract, spelled out from columns."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import orjson

from producers.simulate.world import BROWSERS, METHODS, Chunk, World

Call = tuple[int, bytes]
"""Milliseconds since 1970, and the JSON of one raw call."""
Visits = Sequence[tuple[str, str]]
"""Who made each call of a chunk, as JSON for the request and for the body."""


REFUSED = 503
PRODUCT = '"product":"example-gateway",'
"""A gateway that says who it is and names no upstream has answered itself."""
OVERLOADED = '"error":{"code":"overloaded","component":"gateway"},'


def spelled(world: World, chunk: Chunk, name: str, visits: Visits | None = None) -> Iterator[Call]:
    """One call after the other; ids are ``name`` and a number."""
    names, columns = world.names, chunk.columns
    agents = [orjson.dumps(agent.text).decode() for agent in BROWSERS]
    upstreams = world.upstream_of.tolist()
    rows = zip(
        chunk.times.tolist(),
        *(columns[column].tolist() for column in ("route", "agent", "country", "release", "consumer", "instance")),
        chunk.latency.tolist(),
        chunk.status.tolist(),
        chunk.bytes.tolist(),
        chunk.dropped.tolist() if chunk.dropped is not None else [False] * len(chunk.times),
        chunk.own.tolist() if chunk.own is not None else [None] * len(chunk.times),
        chunk.refused.tolist() if chunk.refused is not None else [False] * len(chunk.times),
        strict=True,
    )
    for number, row in enumerate(rows):
        at, route, agent, country, release, consumer, instance, latency, status, size, dropped, own, refused = row
        if dropped:
            continue
        moment = datetime.fromtimestamp(at, UTC).isoformat()
        request_id, visit = visits[number] if visits else ("", "")
        yield (
            int(at * 1000),
            f'{{"id":"{name}-{number}","occurred_at":"{moment}",'
            f'"request":{{{request_id}"method":"{METHODS[route % len(METHODS)]}","route":"{names["route"][route]}"}},'
            f'"response":{{"status":{REFUSED if refused else status},"bytes":{size}}},'
            f"{_latency(latency, own, refused=refused)}"
            f"{OVERLOADED if refused else _upstream(names['upstream'][upstreams[route]])}"
            f'{visit}"consumer":"{names["consumer"][consumer]}","release":"{names["release"][release]}",'
            f'"gateway":{{{PRODUCT if refused else ""}"instance":"{names["instance"][instance]}"}},'
            f'"client":{{"ip":"203.0.113.{zlib.crc32(moment.encode()) % 254 + 1}",'
            f'"geo":{{"country_iso":"{names["country"][country]}"}},"user_agent":{agents[agent]}}}}}'.encode(),
        )


def _latency(latency: float, own: float | None, *, refused: bool) -> str:
    if own is None:
        return f'"latency":{{"total_ms":{latency:.3f}}},'
    if refused:
        return f'"latency":{{"total_ms":{own:.3f},"gateway_ms":{own:.3f}}},'
    return f'"latency":{{"total_ms":{latency + own:.3f},"upstream_ms":{latency:.3f},"gateway_ms":{own:.3f}}},'


def _upstream(service: str) -> str:
    return f'"upstream":{{"service":"{service}"}},'
