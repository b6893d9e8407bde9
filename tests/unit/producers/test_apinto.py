from __future__ import annotations

from typing import Any

import orjson
import pytest

from contracts.calls import GatewayCall
from contracts.errors import Rejected
from producers.adapters.adapter import Place
from producers.adapters.apinto import Apinto
from tests.unit.producers.golden_results import HERE

BUILT_IN = orjson.loads((HERE / "samples" / "apinto.ndjson").read_bytes().split(b"\n")[0])


def parsed(**changes: object) -> GatewayCall:
    return Apinto().parse(orjson.dumps(BUILT_IN | changes), Place("a.log", 1))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"msec":1781514000123,"status":2', "truncated_line"),
        (b"oops", "not_json"),
        (b"[1]", "not_an_object"),
        (b'"\xff"', "not_utf8"),
        (b"[" * 5000 + b"]" * 5000, "too_deep"),
        (orjson.dumps({"msec": 1781514000123}), "missing_field"),
        (orjson.dumps({"status": 200}), "missing_field"),
        (orjson.dumps({"msec": 1781514000123, "status": "teapot"}), "invalid_status"),
        (orjson.dumps({"msec": "yesterday", "status": 200}), "invalid_time"),
        (orjson.dumps({"msec": 10**18 * 9, "status": 200}), "invalid_time"),
    ],
)
def test_bad_record_is_rejected_with_its_reason(line: bytes, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        Apinto().parse(line, Place("a.log", 1))
    assert caught.value.reason == reason


def test_nothing_secret_and_no_body_is_kept() -> None:
    encoded = parsed(
        request_header="User-Agent=x&Authorization=Bearer+hunter2&Cookie=sid%3Dhunter2",
        request_body="hunter2",
        response_headers={"set-cookie": "hunter2"},
        authorization="hunter2",
        my_token="hunter2",
        note="api_key=hunter2hunter2",
    ).encode()
    assert b"hunter2" not in encoded


def test_dropped_fields_are_counted() -> None:
    assert parsed(my_token="a", api_key="b").attributes["dropped"] == 2


@pytest.mark.parametrize("nothing", ["", "-", None, [], {}, "abc", -1, True])
def test_wrong_types_of_numbers_are_unknown(nothing: object) -> None:
    call = parsed(request_time=nothing, response_time=nothing, ai_model_input_token=nothing, request_length=nothing)
    assert (call.latency.total_ms, call.latency.upstream_ms, call.request.bytes) == (None, None, None)


@pytest.mark.parametrize(
    ("said", "outcome", "component"),
    [
        ({"status": 429, "handler": "limiting", "strategy": "burst"}, "rate_limited", "limiting"),
        ({"status": 403, "handler": "visit", "strategy": "deny"}, "auth_failed", "visit"),
        ({"status": 401, "auth_status": "fail"}, "auth_failed", "auth"),
        ({"status": 503, "handler": "fuse"}, "gateway_error", "fuse"),
        ({"status": 429, "strategy": "burst"}, "rate_limited", "burst"),
        ({"status": 500, "proxy_addr": ""}, "gateway_error", None),
        ({"status": 504, "proxy_addr": "10.0.0.1:80"}, "timeout", None),
        ({"status": 404}, None, None),
        ({"status": 200, "handler": "cache", "strategy": "cache-1"}, None, None),
    ],
)
def test_answers_of_the_gateway_are_told_from_the_upstreams(
    said: dict[str, Any], outcome: str | None, component: str | None
) -> None:
    call = parsed(**({"proxy_status": "", "response_time": ""} | said))
    assert call.outcome == outcome
    assert (call.error.component if call.error else None) == component
    assert call.upstream.statuses == ()


def test_gateway_time_is_unknown_when_the_upstream_took_longer() -> None:
    assert parsed(request_time=10, response_time=20_000_000).latency.gateway_ms is None


def test_unknown_keys_are_bounded() -> None:
    call = parsed(**{f"x{number}": "v" * 5000 for number in range(200)})
    assert len(call.attributes) <= 64
    assert int(str(call.attributes["dropped"])) > 100
