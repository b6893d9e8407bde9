"""What each gateway's marks mean, and the traps in its units and names."""

from __future__ import annotations

from typing import Any, cast

import orjson
import pytest

from contracts.calls import GatewayCall
from contracts.errors import Rejected, Stop
from contracts.quick import changed, fields_of, quick
from processors.telemetry.outcome import judge
from producers.adapters.adapter import CallAdapter, Place
from producers.adapters.apinto_line import ApintoLine, read_formatter
from producers.adapters.aws import OUTCOME_OF_TYPE, AwsApiGateway
from producers.adapters.detect import adapter_named
from producers.adapters.envoy import OUTCOME_OF_FLAG, Envoy
from producers.adapters.gravitee import Gravitee
from producers.adapters.kong import Kong
from producers.adapters.nginx_json import NginxJson
from producers.adapters.otlp import Otlp
from producers.adapters.traefik import Traefik
from producers.adapters.traefik_common import TraefikCommon
from producers.adapters.tyk import Tyk
from tests.unit.producers.golden_results import HERE, SAMPLE_OF_ADAPTER

PLACE = Place("a.log", 1)


def first_record(adapter: CallAdapter) -> dict[str, Any]:
    line = (HERE / "samples" / SAMPLE_OF_ADAPTER[adapter.name]).read_bytes().split(b"\n")[0]
    record: dict[str, Any] = orjson.loads(line)
    return record


def call(adapter: CallAdapter, **changes: object) -> GatewayCall:
    found = adapter.parse(orjson.dumps(first_record(adapter) | changes), PLACE)
    return cast("GatewayCall", found)


def span_call(kind: object, attributes: dict[str, Any], **more: object) -> GatewayCall:
    """The call of one span; values are texts, numbers or lists of texts."""
    span = {
        "traceId": "4bf92f3577b34da6a3ce929d0e0e4736",
        "spanId": "00f067aa0ba902b7",
        "kind": kind,
        "startTimeUnixNano": "1781514000123000000",
        "endTimeUnixNano": "1781514000123456789",
        "attributes": [{"key": name, "value": typed(value)} for name, value in attributes.items()],
        **more,
    }
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    line = orjson.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]})
    return Otlp().parse(line, PLACE)


def typed(value: object) -> dict[str, object]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed(one) for one in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


@pytest.mark.parametrize("flag", OUTCOME_OF_FLAG)
def test_flags_of_envoy_say_the_outcome(flag: str) -> None:
    assert call(Envoy(), response_flags=flag, response_code=503).outcome in {OUTCOME_OF_FLAG[flag], "gateway_error"}
    assert call(Envoy(), response_flags=flag, response_code=200).outcome is None


@pytest.mark.parametrize(
    ("changes", "outcome", "blame"),
    [
        ({"response_flags": "UF,URX", "response_code": 503}, "upstream_error", "upstream"),
        ({"response_flags": "UH", "response_code": 503, "upstream_host": None}, "upstream_error", "upstream"),
        ({"response_flags": "UO", "response_code": 503, "upstream_host": None}, "gateway_error", "gateway"),
        ({"response_flags": "DC,UF", "response_code": 503}, "aborted", "client"),
        ({"response_flags": "UAEX", "response_code": 500}, "gateway_error", "gateway"),
        ({"response_flags": "-", "response_code": 500}, "upstream_error", "upstream"),
        ({"response_flags": None, "response_code": 504}, "timeout", "upstream"),
        ({"response_flags": "XX,ZZ", "response_code": 500}, "upstream_error", "upstream"),
        ({"response_flags": "-", "response_code": 429}, "rate_limited", "upstream"),
        ({"response_flags": "RL", "response_code": 429}, "rate_limited", "gateway"),
    ],
)
def test_envoy_blames_whom_its_flags_blame(changes: dict[str, Any], outcome: str, blame: str) -> None:
    assert judge(call(Envoy(), **changes)) == (outcome, blame)


def test_time_of_envoys_upstream_ends_with_the_first_byte() -> None:
    found = call(Envoy(), upstream_service_time="100", duration=226)
    assert (found.latency.upstream_ms, found.latency.gateway_ms) == (100, None)


@pytest.mark.parametrize(
    ("status", "changes", "outcome", "blame"),
    [
        (502, {"source": "upstream", "upstream_status": "502"}, "upstream_error", "upstream"),
        (502, {"source": "kong", "upstream_status": None}, "upstream_error", "upstream"),
        (504, {"source": "kong", "upstream_status": None}, "timeout", "upstream"),
        (500, {"source": "kong", "upstream_status": "", "tries": []}, "gateway_error", "gateway"),
        (429, {"source": "kong", "upstream_status": None, "tries": []}, "rate_limited", "gateway"),
        (429, {"source": "upstream", "upstream_status": "429"}, "rate_limited", "upstream"),
        (401, {"source": "kong", "upstream_status": None, "tries": []}, "auth_failed", "client"),
        (503, {"source": None, "upstream_status": None, "tries": None}, "gateway_error", "gateway"),
        (503, {"source": None, "upstream_status": "503"}, "upstream_error", "upstream"),
    ],
)
def test_kong_tells_its_own_answers(status: int, changes: dict[str, Any], outcome: str, blame: str) -> None:
    found = call(Kong(), **changes, ai=None, response={"status": status})
    assert judge(found) == (outcome, blame)


def test_kong_without_an_upstream_has_no_time_of_it() -> None:
    for nothing in (-1, "-1"):
        found = call(Kong(), latencies={"kong": 3, "proxy": nothing, "request": 60004})
        assert fields_of(found.latency) == {"total_ms": 60004, "upstream_ms": None, "gateway_ms": 3}
        assert "unreadable" not in found.attributes


def test_kongs_upstream_is_named_by_what_tells_most() -> None:
    assert call(Kong()).upstream.address == "10.0.3.8:8080"
    assert call(Kong(), service={"name": "pay", "host": "pay.example.net"}).upstream.address == "pay.example.net"
    assert call(Kong(), service=None, tries=[]).upstream.address is None


@pytest.mark.parametrize(
    ("found", "blame"),
    [
        (call(Kong(), ai=None, service={"name": "pay", "host": "pay.example.net"}), "third_party"),
        (call(Kong(), ai=None, service={"name": "orders", "host": "orders.internal"}), "upstream"),
        (call(Envoy(), upstream_cluster="outbound|443||pay.example.net"), "third_party"),
        (call(Envoy(), upstream_cluster="outbound|443||orders.shop.svc.corp.example"), "upstream"),
        (call(NginxJson(), proxy_host="pay.example.net"), "third_party"),
        (call(NginxJson(), proxy_host="orders"), "upstream"),
        (call(Traefik(), ServiceAddr="pay.example.net:443"), "third_party"),
    ],
)
def test_a_third_party_is_told_by_its_name(found: GatewayCall, blame: str) -> None:
    assert judge(found)[1] == blame


def test_kongs_payloads_are_never_kept() -> None:
    ai = {"proxy": {"meta": {"provider_name": "openai"}, "payload": {"request": "hunter2", "response": "hunter2"}}}
    assert b"hunter2" not in call(Kong(), ai=ai, request={"body": "hunter2", "headers": {"cookie": "hunter2"}}).encode()


@pytest.mark.parametrize("kind", OUTCOME_OF_TYPE)
def test_types_of_aws_say_the_outcome(kind: str) -> None:
    assert call(AwsApiGateway(), errorResponseType=kind, status=500).outcome == OUTCOME_OF_TYPE[kind]


@pytest.mark.parametrize(
    ("changes", "outcome", "blame"),
    [
        ({"status": 500, "integrationStatus": "500", "errorResponseType": "-"}, "upstream_error", "upstream"),
        ({"status": 502, "integrationStatus": "200", "errorResponseType": "-"}, "upstream_error", "upstream"),
        ({"status": 500, "errorResponseType": "-", "authorizerError": "broken"}, "gateway_error", "gateway"),
        ({"status": 500, "errorResponseType": "-"}, "upstream_error", "upstream"),
        ({"status": 429, "errorResponseType": "THROTTLED"}, "rate_limited", "gateway"),
        ({"status": 429, "integrationStatus": "429", "errorResponseType": "-"}, "rate_limited", "upstream"),
        ({"status": "504"}, "timeout", "upstream"),
    ],
)
def test_aws_tells_integration_from_gateway(changes: dict[str, Any], outcome: str, blame: str) -> None:
    assert judge(call(AwsApiGateway(), **changes)) == (outcome, blame)


@pytest.mark.parametrize("spell", ["{}", "context.{}", "$context.{}"])
def test_keys_of_aws_are_read_whatever_their_spelling(spell: str) -> None:
    record = {
        spell.format(name): value
        for name, value in {
            "requestId": "r-1",
            "requestTimeEpoch": 1781514000123,
            "status": 200,
            "integration.latency": 71,
            "responseLatency": "82",
            "identity.sourceIp": "203.0.113.24",
            "resourcePath": "/orders/{id}",
        }.items()
    }
    found = AwsApiGateway().parse(orjson.dumps(record), PLACE)
    assert (found.latency.upstream_ms, found.client.ip, found.request.route) == (71, "203.0.113.24", "/orders/{id}")


@pytest.mark.parametrize(
    ("key", "status", "outcome"),
    [
        ("GATEWAY_CLIENT_CONNECTION_TIMEOUT", 504, "timeout"),
        ("REQUEST_TIMEOUT", 504, "timeout"),
        ("GATEWAY_CLIENT_CONNECTION_ERROR", 502, "upstream_error"),
        ("CLIENT_ABORTED_DURING_RESPONSE_ERROR", 0, "aborted"),
        ("API_KEY_MISSING", 401, "auth_failed"),
        ("JWT_INVALID_TOKEN", 401, "auth_failed"),
        ("QUOTA_TOO_MANY_REQUESTS", 429, "rate_limited"),
        ("GROOVY_EXECUTION_FAILURE", 500, "gateway_error"),
        ("GROOVY_EXECUTION_FAILURE", 400, None),
    ],
)
def test_error_keys_of_gravitee_say_the_outcome(key: str, status: int, outcome: str | None) -> None:
    assert call(Gravitee(), **{"error-key": key, "status": status}).outcome == outcome


def test_gravitee_knows_methods_by_number_and_name() -> None:
    methods = [call(Gravitee(), **{"http-method": said}).request.method for said in (3, "3", 3.0, "PUT", 99)]
    assert methods == ["GET", "GET", "GET", "PUT", "99"]


def test_traefiks_durations_are_nanoseconds() -> None:
    latency = call(Traefik(), Duration=1_500_000, OriginDuration="1000000", Overhead=500_000).latency
    assert (latency.total_ms, latency.upstream_ms, latency.gateway_ms) == (1.5, 1.0, 0.5)


@pytest.mark.parametrize(
    ("changes", "outcome", "blame"),
    [
        ({"DownstreamStatus": 502, "OriginStatus": 502}, "upstream_error", "upstream"),
        (
            {"DownstreamStatus": 500, "OriginStatus": 0, "ServiceAddr": "-", "ServiceURL": "", "ServiceName": None},
            "gateway_error",
            "gateway",
        ),
        ({"DownstreamStatus": 499, "OriginStatus": 499}, "aborted", "client"),
        ({"DownstreamStatus": 504, "OriginStatus": 504}, "timeout", "upstream"),
    ],
)
def test_traefik_answers_itself_without_an_origin(changes: dict[str, Any], outcome: str, blame: str) -> None:
    assert judge(call(Traefik(), **changes)) == (outcome, blame)


def test_traefiks_milliseconds_are_not_taken_for_its_count_of_requests() -> None:
    start = b'203.0.113.24 - - [15/Jun/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"'
    line = start + b' 81238 "shop@docker" "http://10.0.3.9:80" 12ms'
    assert TraefikCommon().parse(line, PLACE).latency.total_ms == 12
    named = adapter_named("access-log").parse(line, PLACE)
    assert isinstance(named, quick(GatewayCall))
    assert named.latency.total_ms == 12


@pytest.mark.parametrize(
    ("latency", "outcome"),
    [
        (None, "upstream_error"),
        ({"total": 5, "upstream": 0}, "gateway_error"),
        ({"total": 5, "upstream": 4}, "upstream_error"),
    ],
)
def test_tyk_reached_nobody_when_the_upstream_took_no_time(latency: object, outcome: str) -> None:
    assert judge(call(Tyk(), latency=latency, response_code=502))[0] == outcome


def test_nginx_sums_attempts_in_seconds() -> None:
    found = call(NginxJson(), upstream_response_time="0.010, 0.120 : 0.5", request_time=1)
    assert fields_of(found.latency) == {"total_ms": 1000, "upstream_ms": 630, "gateway_ms": 370}


def test_nginx_without_words_of_an_upstream_is_a_server_of_its_own() -> None:
    record = {name: value for name, value in first_record(NginxJson()).items() if not name.startswith("upstream")}
    found = NginxJson().parse(orjson.dumps(record), PLACE)
    assert judge(found) == ("upstream_error", "unknown")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.24", "198.51.100.7", "203.0.113.24"),
        ("10.0.0.7", "198.51.100.7, 10.0.0.9", "198.51.100.7"),
        ("10.0.0.7", "unknown", "10.0.0.7"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("-", "198.51.100.7", "198.51.100.7"),
        ("172.32.0.1", "198.51.100.7", "172.32.0.1"),
    ],
)
def test_forwarded_address_is_believed_from_inside_only(peer: str, forwarded: str, client: str) -> None:
    assert call(NginxJson(), remote_addr=peer, http_x_forwarded_for=forwarded).client.ip == client


def test_names_of_every_generation_of_spans_are_read() -> None:
    new = {
        "http.request.method": "GET",
        "url.path": "/a",
        "url.query": "x=1",
        "url.scheme": "https",
        "server.address": "api.example.com",
        "http.response.status_code": 503,
        "client.address": "203.0.113.24",
        "user_agent.original": "curl/8.0",
        "http.request.body.size": 5,
        "http.response.body.size": 7,
    }
    old = {
        "http.method": "GET",
        "http.target": "/a?x=1",
        "http.scheme": "https",
        "http.host": "api.example.com",
        "http.status_code": 503,
        "http.client_ip": "203.0.113.24",
        "http.user_agent": "curl/8.0",
        "http.request_content_length": 5,
        "http.response_content_length": 7,
    }
    first, second = span_call(2, new), span_call("SPAN_KIND_SERVER", old)
    assert changed(first, id="") == changed(second, id="")
    assert first.latency.total_ms == 0.457
    assert judge(first) == ("upstream_error", "upstream")


def test_a_client_span_is_a_call_by_its_service() -> None:
    found = span_call(
        3,
        {
            "http.request.method": "GET",
            "url.full": "https://pay.example.com/a?key=hunter2",
            "server.address": "pay.example.com",
            "http.response.status_code": 429,
        },
    )
    assert (found.upstream.address, found.request.query) == ("pay.example.com", "key=***")
    assert found.caller is not None
    assert found.caller.service == "shop"
    assert judge(found)[0] == "rate_limited"


@pytest.mark.parametrize(
    ("more", "status", "outcome"),
    [
        ({}, 200, "ok"),
        ({"error.type": "429"}, 429, "rate_limited"),
        ({"error.type": "timeout"}, 504, "timeout"),
        ({"error.type": "_OTHER"}, 500, "upstream_error"),
    ],
)
def test_a_call_to_a_model_without_a_status_says_where_it_is_from(
    more: dict[str, Any], status: int, outcome: str
) -> None:
    found = span_call(
        3, {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "gen_ai.request.model": "m", **more}
    )
    assert found.response.status == status
    assert found.attributes["status_from"] in {"span status", "error.type"}
    assert judge(found)[0] == outcome


@pytest.mark.parametrize("operation", ["execute_tool", "invoke_agent"])
def test_an_agents_steps_are_no_calls(operation: str) -> None:
    with pytest.raises(Rejected, match="not_a_call"):
        span_call(1, {"gen_ai.operation.name": operation, "gen_ai.request.model": "m"})


def test_words_of_people_and_models_are_never_kept() -> None:
    found = span_call(
        3,
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.input.messages": "hunter2",
            "gen_ai.prompt.0.content": "hunter2",
            "gen_ai.completion.0.content": "hunter2",
            "llm.prompts.0.content": "hunter2",
            "http.request.header.x": "hunter2",
            "db.statement": "hunter2",
            "exception.stacktrace": "hunter2",
        },
    )
    assert b"hunter2" not in found.encode()


def test_line_type_is_read_by_its_formatter() -> None:
    path = HERE / "samples" / "apinto-line.formatter.json"
    line = (HERE / "samples" / "apinto-line.log").read_bytes().split(b"\n")[0]
    found = adapter_named(f"apinto-line:{path}").parse(line, PLACE)
    assert isinstance(found, quick(GatewayCall))
    assert found.upstream.statuses == (502, 200)
    assert found.latency.upstream_ms == 300  # 200 and 100 ms of the attempts; response_time is always "-"


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"fields": []}', '{"fields": [1]}', '{"fields": "$msec"}'])
def test_what_is_no_formatter_is_refused_before_anything_is_read(tmp_path: Any, content: str) -> None:
    file = tmp_path / "formatter.json"
    file.write_text(content)
    with pytest.raises(Stop):
        read_formatter(str(file))
    with pytest.raises(Stop):
        read_formatter(str(tmp_path / "none.json"))


def test_a_formatter_that_contains_itself_ends() -> None:
    adapter = ApintoLine({"fields": ["$msec", "@a", "$status"], "a": ["@a", "$x"]})
    found = adapter.parse(b'1781514000123\t"[<-:-> 1] 2"\t200', PLACE)
    assert found.response.status == 200
