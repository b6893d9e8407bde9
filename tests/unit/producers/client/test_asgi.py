"""Requests of ASGI applications as calls: what is told of them, and that the application is left as it is."""

# ruff: noqa: ARG001 - applications have their three arguments, whatever they use of them

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.responses import StreamingResponse
from hypothesis import given
from hypothesis import strategies as st
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from producers.client import CallsMiddleware
from tests.unit.producers.client.kept_calls import KeptCalls
from tests.unit.producers.client.test_trace_context import PARENT, TRACE

START = {"type": "http.response.start", "status": 200, "headers": []}


def body(data: bytes = b"", *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


@pytest.fixture
def kept(tmp_path: Path) -> KeptCalls:
    return KeptCalls(tmp_path / "spool")


def shop() -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/orders")

    @router.post("/{number}")
    async def order(number: int, request: Request) -> dict[str, str]:
        request.state.user = "ana"
        return {"trace": request.state.hypercare.trace_id, "body": (await request.body()).decode()}

    @app.get("/slow")
    async def slow() -> StreamingResponse:
        async def parts() -> Any:
            for _ in range(3):
                await asyncio.sleep(0.02)
                yield b"x" * 100

        return StreamingResponse(parts())

    @app.get("/later")
    async def later() -> Response:
        return PlainTextResponse("now", background=BackgroundTask(asyncio.sleep, 0.3))

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("password=hunter2")

    app.include_router(router)
    app.router.routes.append(Mount("/admin", routes=[Route("/users/{name}", lambda _: JSONResponse({}))]))
    return app


def ask(app: Any, method: str, path: str, **more: Any) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 4711))
        async with httpx.AsyncClient(transport=transport, base_url="https://shop.example.com") as client:
            return await client.request(method, path, **more)

    return asyncio.run(answer())


def test_a_request_is_told_whole_and_without_what_is_secret(kept: KeptCalls) -> None:
    app = shop()
    app.add_middleware(
        CallsMiddleware,
        client=kept,
        service="orders",
        release="2.4.1",
        user=lambda scope: scope["state"]["user"],
        session=lambda scope: dict(scope["headers"])[b"x-session"].decode(),
    )
    answer = ask(
        app,
        "POST",
        "/orders/42?token=hunter2",
        content=b"hunter2",
        headers={
            "traceparent": f"00-{TRACE}-{PARENT}-01",
            "authorization": "Bearer hunter2",
            "cookie": "s=hunter2",
            "user-agent": "shop/1.0",
            "x-request-id": "r-1",
            "x-session": "s-1",
        },
    )
    call = kept.only
    assert answer.json() == {"trace": TRACE, "body": "hunter2"}
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{call.trace.span_id}-01"
    assert (call.project, call.upstream.service, call.release) == ("shop", "orders", "2.4.1")
    asked = call.request
    assert (asked.method, asked.route, asked.path, asked.query) == ("POST", "/orders/{number}", "/orders/42", None)
    assert (asked.host, asked.scheme, asked.bytes, asked.id) == ("shop.example.com", "https", 7, "r-1")
    assert (call.response.status, call.response.bytes) == (200, len(answer.content))
    assert (call.client.ip, call.client.user_agent) == ("192.0.2.7", "shop/1.0")
    assert (call.user, call.session) == ("ana", "s-1")
    assert (call.trace.trace_id, call.trace.parent_span_id) == (TRACE, PARENT)
    assert call.id == f"{TRACE}-{call.trace.span_id}"
    assert b"hunter2" not in call.encode()


@pytest.mark.parametrize(("path", "route"), [("/admin/users/ana", "/admin/users/{name}"), ("/nothing", None)])
def test_routes_are_found_below_mounts_and_not_made_up(kept: KeptCalls, path: str, route: str | None) -> None:
    ask(CallsMiddleware(shop(), client=kept), "GET", path)
    assert kept.only.request.route == route


def test_a_stream_is_timed_to_its_end_and_what_follows_the_answer_is_not(kept: KeptCalls) -> None:
    app = CallsMiddleware(shop(), client=kept)
    ask(app, "GET", "/slow")
    ask(app, "GET", "/later")
    slow, later = kept.calls
    assert slow.latency.total_ms is not None
    assert later.latency.total_ms is not None
    assert slow.latency.total_ms >= 60
    assert slow.response.bytes == 300
    assert later.latency.total_ms < 300


def test_an_error_is_status_500_and_goes_on_to_whoever_handles_it(kept: KeptCalls) -> None:
    with pytest.raises(LookupError):
        ask(CallsMiddleware(shop(), client=kept), "GET", "/broken")
    assert kept.only.response.status == 500
    assert b"hunter2" not in kept.only.encode()


def drive(
    app: Callable[..., Any], kept: KeptCalls, scope: dict[str, Any] | None = None, **more: Any
) -> list[dict[str, Any]]:
    """Run one application by hand; ``received`` is what the client sends, ``send`` what it answers to."""
    sent: list[dict[str, Any]] = []
    received = iter(more.pop("received", [{"type": "http.request", "body": b"", "more_body": False}]))

    async def receive() -> dict[str, Any]:
        return next(received, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    whole = {"type": "http", "method": "GET", "path": "/a", "headers": [], **(scope or {})}
    asyncio.run(CallsMiddleware(app, client=kept, **more)(whole, receive, more.get("send", send)))
    return sent


async def fine(scope: Any, receive: Any, send: Any) -> None:
    await send(START)
    await send(body(b"ok"))


def test_a_client_that_leaves_before_the_answer_is_status_0_and_499_after_it_began(kept: KeptCalls) -> None:
    async def waits(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def streams(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await waits(scope, receive, send)

    async def cancelled(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        raise asyncio.CancelledError

    drive(waits, kept)
    drive(streams, kept)
    with pytest.raises(asyncio.CancelledError):
        drive(cancelled, kept)
    assert [call.response.status for call in kept.calls] == [0, 499, 499]


def test_a_client_that_leaves_after_the_answer_changes_nothing(kept: KeptCalls) -> None:
    async def listens(scope: Any, receive: Any, send: Any) -> None:
        await fine(scope, receive, send)
        while (await receive())["type"] != "http.disconnect":
            pass

    drive(listens, kept)
    assert kept.only.response.status == 200


def test_an_answer_that_cannot_be_sent_is_a_client_that_left(kept: KeptCalls) -> None:
    async def refuses(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    async def main() -> None:
        scope = {"type": "http", "method": "GET", "path": "/a", "headers": []}
        await CallsMiddleware(fine, client=kept)(scope, None, refuses)  # type: ignore[arg-type]

    with pytest.raises(OSError, match="gone"):
        asyncio.run(main())
    assert (kept.only.response.status, kept.only.error) == (499, None)


def test_an_application_that_says_nothing_has_failed(kept: KeptCalls) -> None:
    async def silent(scope: Any, receive: Any, send: Any) -> None:
        pass

    drive(silent, kept)
    assert kept.only.response.status == 500


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_other_connections_pass_untouched(kept: KeptCalls, kind: str) -> None:
    seen: list[Any] = []

    async def app(*given: Any) -> None:
        seen.extend(given)

    scope, receive, send = {"type": kind}, object(), object()
    asyncio.run(CallsMiddleware(app, client=kept)(scope, receive, send))  # type: ignore[arg-type]
    assert [part is given for part, given in zip(seen, (scope, receive, send), strict=True)] == [True] * 3
    assert (scope, kept.calls) == ({"type": kind}, [])


def test_a_header_the_application_set_itself_is_left(kept: KeptCalls) -> None:
    async def own(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "headers": [(b"TraceResponse", b"mine")]})
        await send(body())

    assert drive(own, kept)[0]["headers"] == [(b"TraceResponse", b"mine")]


def test_callables_that_raise_are_counted_and_the_call_is_told_all_the_same(kept: KeptCalls) -> None:
    def broken(_: Any) -> str:
        raise KeyError("no user")

    drive(fine, kept, user=broken, session=lambda _: 42, route=lambda _: "/a/{b}")
    assert (kept.only.user, kept.only.session, kept.only.request.route) == (None, "42", "/a/{b}")
    assert kept.counts.failed == {"user": 1}


def test_what_callables_say_is_cut_to_what_an_event_may_carry(kept: KeptCalls) -> None:
    drive(fine, kept, user=lambda _: "a\x00\ud800b", session=lambda _: "🙈" * 1_000)
    assert (kept.only.user, kept.only.session) == ("a?b", "🙈" * 300)


def test_a_project_that_cannot_be_is_refused_and_counted_and_the_answer_is_given(kept: KeptCalls) -> None:
    assert drive(fine, kept, project="My Shop")[-1] == body(b"ok")
    assert (kept.calls, kept.counts.refused) == ([], {"invalid_field": 1})


headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"host", b"User-Agent", b"x-request-id", b"content-length", b"traceparent", b"cookie", b"\xff\x00"]
        ),
        st.one_of(st.binary(max_size=50), st.sampled_from([b"9" * 5_000, b"\xed\xa0\x80" * 4_000, b"-1", b"\xb2"])),
    ),
    max_size=8,
)


@given(
    path=st.one_of(st.text(max_size=30), st.sampled_from(["/" + "x" * 1_000_000, "/\ud800", "/\x00", "/مرحبا/🙈"])),
    raw=st.one_of(st.none(), st.binary(max_size=30), st.just(b"/" + b"\xff" * 100_000)),
    headers=headers,
    peer=st.sampled_from([None, ("192.0.2.7", 1), ["unix:" + "x" * 500, None], ()]),
    status=st.one_of(st.integers(-10, 2_000)),
)
def test_whatever_is_asked_is_answered_and_told_within_the_contract(
    tmp_path_factory: pytest.TempPathFactory, *, path: str, raw: bytes | None, headers: Any, peer: Any, status: int
) -> None:
    kept = KeptCalls(tmp_path_factory.getbasetemp() / "hostile")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**START, "status": status})
        await send(body(b"ok"))

    scope = {"path": path, "headers": headers, "client": peer, "scheme": "h" * 999, "method": "M" * 999}
    sent = drive(app, kept, scope | ({} if raw is None else {"raw_path": raw}))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert 0 < kept.only.response.status <= 999
