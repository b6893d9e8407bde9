"""Traefik's common format: the combined access log with Traefik's own fields behind it.

    host - user [time] "request" status bytes "referrer" "agent" requests "router" "server URL" 12ms

Status and bytes are the origin's; where no server was asked, the URL is "-" and the status is Traefik's own.
The time is whole milliseconds, with its unit written. What is in front is read as any access log.
Source: traefik/traefik pkg/middlewares/accesslog/logger_formatters.go.
"""

from __future__ import annotations

import re

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from contracts.quick import changed
from producers.adapters.access_log import MAX_LINE_BYTES, AccessLog
from producers.adapters.adapter import Place, line_id
from producers.adapters.facts import About
from producers.adapters.loose_values import DAY_MS, NAME_CHARS, storable

_TAIL = re.compile(rb' (?:\d{1,19}|-) (?:"([^"]*+)"|-) (?:"([^"]*+)"|-) (\d{1,9})ms\s*$')
_TAIL_CHARS = 2_000
_SERVER_ERROR = 500


class TraefikCommon:
    """Traefik, common format."""

    name = "traefik-common"
    event = GatewayCall
    about = About(
        "Traefik with `format: common`, its default",
        lacks=(
            "host",
            "request id",
            "route",
            "upstream's time",
            "retries",
            "country",
            "consumer",
            "trace",
            "sign-in",
            "model and tokens",
            "cost",
        ),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by what stands behind the agent."""
        return _tail(line) is not None and _READER.recognises(line)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one line."""
        found = _tail(line) if len(line) <= MAX_LINE_BYTES else None
        if found is None:
            _READER.parse(line, place)  # which says better what is wrong, if it is no access log
            raise Rejected("not_access_log", "no requests, router, server and milliseconds at the end")
        before = line[: len(line) - len(found[0])]
        call = _READER.parse(before, place)
        router, url, took = (
            None if part is None else storable(part.decode("utf-8", "backslashreplace")) for part in found.groups()
        )
        address = url.rpartition("//")[2].partition("/")[0][:NAME_CHARS] if url and url != "-" else None
        service = router.partition("@")[0][:NAME_CHARS] if router and router != "-" and address else None
        milliseconds = float(took or 0)
        own = address is None and call.response.status >= _SERVER_ERROR
        return changed(
            call,
            id=line_id(line, place, call.occurred_at),
            gateway=changed(call.gateway, product="traefik"),
            latency=changed(call.latency, total_ms=milliseconds if milliseconds <= DAY_MS else None),
            upstream=changed(
                call.upstream,
                service=service,
                address=address,
                statuses=(call.response.status,) if address and call.response.status else (),
            ),
            outcome="gateway_error" if own else None,
        )


_READER = AccessLog()


def _tail(line: bytes) -> re.Match[bytes] | None:
    return _TAIL.search(line, max(0, len(line) - _TAIL_CHARS))
