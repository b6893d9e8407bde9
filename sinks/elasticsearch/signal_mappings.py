"""The fields of signals."""

from __future__ import annotations

from sinks.elasticsearch.mappings import COMMON_HYPERCARE, DATE, FLOAT, IP, KEYWORD, LONG, NAMED, SAID, fields

SIGNALS = {
    "client": fields(ip=IP, geo=fields(country_iso_code=KEYWORD)),
    "hypercare": fields(
        **COMMON_HYPERCARE,
        signal=fields(
            kind=KEYWORD,
            name=NAMED,
            state=KEYWORD,
            severity=KEYWORD,
            previous=KEYWORD,
            quiet_until=DATE,
            monitor=NAMED,
            up={"type": "byte"},
            latency_ms=FLOAT,
            reason=SAID,
            instance=KEYWORD,
            resource=KEYWORD,
            used=FLOAT,
            count=LONG,
            device=KEYWORD,
            data=KEYWORD,
            rows=LONG,
            bytes=LONG,
        ),
    ),
}
"""Whether a monitor is ``up`` is a number, so that its average is the share of the time."""
