"""Requests of WSGI applications as calls: what is told of them, and that the application is left as it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.client import WsgiCallsMiddleware
from producers.client.routes import ROUTE
from producers.client.wsgi import SPAN
from tests.unit.producers.client.kept_calls import KeptCalls
from tests.unit.producers.client.test_trace_context import PARENT, TRACE


@pytest.fixture
def kept(tmp_path: Path) -> KeptCalls:
    return KeptCalls(tmp_path / "spool")


def shop(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    environ[ROUTE] = "/orders/{number}"
    start_response("201 Created", [("Content-Type", "text/plain")])
    return [environ[SPAN].trace_id.encode()]


class Parts:
    """An answer in parts that knows whether it was closed."""

    def __init__(self, *parts: bytes, error: Exception | None = None) -> None:
        self._parts = iter(parts)
        self._error = error
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            time.sleep(0.01)
            yield part
        if self._error:
            raise self._error

    def close(self) -> None:
        self.closed += 1


def streaming(parts: Parts) -> Any:
    def app(_: Any, start_response: Any) -> Parts:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return parts

    return app


def drive(app: Any, environ: dict[str, Any] | None = None, *, most: int = 99) -> tuple[list[Any], bytes]:
    whole: dict[str, Any] = {}
    setup_testing_defaults(whole)
    whole |= environ or {}
    begun: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        begun[:] = [status, headers, exc_info]
        return written.append

    written: list[bytes] = []
    answer = app(whole, start_response)
    try:
        for number, part in enumerate(answer):
            written.append(part)
            if number + 1 == most:
                break
    finally:
        if hasattr(answer, "close"):
            answer.close()
    return begun, b"".join(written)


def test_a_request_is_told_whole_and_without_what_is_secret(kept: KeptCalls) -> None:
    app = WsgiCallsMiddleware(
        shop, client=kept, project="till", service="orders", user=lambda environ: environ["HTTP_X_USER"]
    )
    transport = httpx.WSGITransport(app=validator(app), remote_addr="192.0.2.7")
    with httpx.Client(transport=transport, base_url="https://shop.example.com") as client:
        answer = client.post(
            "/orders/4%202?token=hunter2",
            content=b"hunter2",
            headers={
                "traceparent": f"00-{TRACE}-{PARENT}-00",
                "authorization": "Bearer hunter2",
                "cookie": "s=hunter2",
                "user-agent": "shop/1.0",
                "x-user": "ana",
            },
        )
    call = kept.only
    assert (answer.status_code, answer.text) == (201, TRACE)
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{call.trace.span_id}-00"
    asked = call.request
    assert (call.project, call.upstream.service, call.user) == ("till", "orders", "ana")
    assert (asked.method, asked.route, asked.path, asked.query) == ("POST", "/orders/{number}", "/orders/4%202", None)
    assert (asked.host, asked.scheme, asked.bytes) == ("shop.example.com", "https", 7)
    assert (call.response.status, call.response.bytes) == (201, 32)
    assert (call.client.ip, call.client.user_agent) == ("192.0.2.7", "shop/1.0")
    assert (call.trace.trace_id, call.trace.parent_span_id) == (TRACE, PARENT)
    assert b"hunter2" not in call.encode()


def test_an_answer_in_parts_is_timed_to_its_end_and_closed_once(kept: KeptCalls) -> None:
    parts = Parts(b"a" * 10, b"b" * 10, b"c" * 10)
    assert drive(WsgiCallsMiddleware(streaming(parts), client=kept))[1] == b"a" * 10 + b"b" * 10 + b"c" * 10
    assert (kept.only.response.bytes, parts.closed) == (30, 1)
    assert kept.only.latency.total_ms is not None
    assert kept.only.latency.total_ms >= 30


def test_a_client_that_leaves_in_the_middle_is_status_499(kept: KeptCalls) -> None:
    parts = Parts(b"a", b"b", b"c")
    drive(WsgiCallsMiddleware(streaming(parts), client=kept), most=2)
    assert (kept.only.response.status, kept.only.response.bytes, parts.closed) == (499, 2, 1)


def test_errors_are_status_500_wherever_they_come_and_are_raised_on(kept: KeptCalls) -> None:
    def broken(_: Any, __: Any) -> Iterable[bytes]:
        raise LookupError("hunter2")

    with pytest.raises(LookupError):
        drive(WsgiCallsMiddleware(broken, client=kept))
    with pytest.raises(ValueError, match="hunter2"):
        drive(WsgiCallsMiddleware(streaming(Parts(b"a", error=ValueError("hunter2"))), client=kept))
    assert [call.response.status for call in kept.calls] == [500, 500]
    assert [call.error and call.error.code for call in kept.calls] == ["LookupError", "ValueError"]
    assert all(b"hunter2" not in call.encode() for call in kept.calls)


def test_what_is_written_the_old_way_counts_and_an_error_page_replaces_the_status(kept: KeptCalls) -> None:
    def old(_: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        write = start_response("503 Away", [], (ValueError, ValueError(), None))
        write(b"sorry")
        return []

    begun, answer = drive(WsgiCallsMiddleware(old, client=kept))
    assert (begun[0], begun[2] is not None, answer) == ("503 Away", True, b"sorry")
    assert (kept.only.response.status, kept.only.response.bytes) == (503, 5)


def test_an_answer_that_is_there_as_a_whole_stays_what_it_was(kept: KeptCalls) -> None:
    whole = [b"ok"]

    def app(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return whole

    assert WsgiCallsMiddleware(app, client=kept)({}, lambda *_: None) is whole
    assert kept.only.request.host is None


latin = st.text(st.characters(max_codepoint=255), max_size=30)


@given(
    path=st.one_of(st.text(max_size=30), latin, st.sampled_from(["/" + "x" * 1_000_000, "/\ud800", "/\x00\r\n"])),
    agent=st.one_of(st.text(max_size=30), st.just("\xed\xa0\x80" * 9_000)),
    length=st.one_of(st.text(max_size=5), st.sampled_from(["9" * 5_000, "-1", "²", "١٢"])),
    status=st.text(max_size=6),
)
def test_whatever_is_asked_is_answered_and_told_within_the_contract(
    tmp_path_factory: pytest.TempPathFactory, path: str, agent: str, length: str, status: str
) -> None:
    kept = KeptCalls(tmp_path_factory.getbasetemp() / "hostile")

    def app(_: Any, start_response: Any) -> list[bytes]:
        start_response(status, [])
        return [b"ok"]

    environ = {"PATH_INFO": path, "HTTP_USER_AGENT": agent, "CONTENT_LENGTH": length, "REQUEST_METHOD": "M" * 999}
    assert drive(WsgiCallsMiddleware(app, client=kept), environ)[1] == b"ok"
    assert 0 < kept.only.response.status <= 999
