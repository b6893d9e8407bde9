"""The middleware in real applications of the frameworks that it is documented for: routes, streams, errors."""

# ruff: noqa: ARG001 - views have their arguments, whatever they use of them

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from producers.client import CallsMiddleware, WsgiCallsMiddleware
from producers.client.routes import of_django, of_environ, of_scope
from tests.unit.producers.client.kept_calls import KeptCalls

Told = tuple[str | None, int, int | None]


@pytest.fixture
def kept(tmp_path: Path) -> KeptCalls:
    return KeptCalls(tmp_path / "spool")


def told(kept: KeptCalls) -> Told:
    """Route, status and bytes of the only call, which is then forgotten."""
    call = kept.only
    kept.calls.clear()
    return call.request.route, call.response.status, call.response.bytes


def ask_asgi(app: Any, method: str, path: str) -> httpx.Response:
    async def answer() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://shop.example.com") as client:
            return await client.request(method, path)

    return asyncio.run(answer())


def ask_wsgi(app: Any, method: str, path: str) -> httpx.Response:
    transport = httpx.WSGITransport(app=app, raise_app_exceptions=False)
    with httpx.Client(transport=transport, base_url="https://shop.example.com") as client:
        return client.request(method, path)


def fastapi_shop(kept: KeptCalls) -> FastAPI:
    app, orders, deep, inner = FastAPI(), APIRouter(prefix="/orders"), APIRouter(), FastAPI()

    @orders.get("/{number}")
    async def order(number: int) -> dict[str, int]:
        return {"number": number}

    @deep.get("/lines/{line}")
    def line(line: str) -> None:
        raise HTTPException(418)

    @inner.get("/inner/{name}")
    def within(name: str) -> str:
        return name

    orders.include_router(deep, prefix="/{number}")
    app.include_router(orders, prefix="/v2")
    app.mount("/shops/{shop}", inner)
    app.add_middleware(CallsMiddleware, client=kept)
    return app


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v2/orders/4", "/v2/orders/{number}", 200),
        ("GET", "/v2/orders/4/lines/x", "/v2/orders/{number}/lines/{line}", 418),
        ("GET", "/v2/orders/no-number", "/v2/orders/{number}", 422),
        ("POST", "/v2/orders/4", "/v2/orders/{number}", 405),
        ("GET", "/shops/berlin/inner/a", "/shops/{shop}/inner/{name}", 200),
        ("GET", "/shops/berlin/nothing", None, 404),
        ("GET", "/nothing", None, 404),
    ],
)
def test_fastapi_s_routers_and_mounts_are_told_whole(
    kept: KeptCalls, method: str, path: str, route: str | None, status: int
) -> None:
    ask_asgi(fastapi_shop(kept), method, path)
    assert told(kept)[:2] == (route, status)


@pytest.mark.parametrize(
    ("path", "route"), [("/a/4", "/a/{number}"), ("/m/t1/x/y", "/m/{tenant}/{rest}"), ("/a/none", None)]
)
def test_starlette_s_converters_are_left_out(kept: KeptCalls, path: str, route: str | None) -> None:
    routes = [
        Route("/a/{number:int}", lambda _: PlainTextResponse("x")),
        Mount("/m/{tenant}", routes=[Route("/{rest:path}", lambda _: PlainTextResponse("x"))]),
    ]
    ask_asgi(CallsMiddleware(Starlette(routes=routes), client=kept), "GET", path)
    assert told(kept)[0] == route


def test_a_last_part_may_come_without_a_body(kept: KeptCalls) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["hypercare.route"] = "/said/<int:number>"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"12345", "more_body": True})
        await send({"type": "http.response.body"})

    ask_asgi(CallsMiddleware(app, client=kept), "GET", "/x")
    assert told(kept) == ("/said/{number}", 200, 5)


def test_what_a_proxy_took_off_the_path_is_not_in_the_route() -> None:
    class Taken:
        path = "/orders/{number}"

    scope = {"path": "/orders/4", "root_path": "/behind", "route": Taken, "path_params": {"number": "4"}}
    assert of_scope(scope, "/behind") == "/orders/{number}"
    assert of_scope({**scope, "path": "/behind/orders/4"}, "/behind") == "/behind/orders/{number}"


def flask_shop(kept: KeptCalls) -> Any:
    flask = pytest.importorskip("flask", reason="pip install -e '.[dev]' brings Flask")
    app = flask.Flask(__name__)
    app.secret_key = "an example"
    app.logger.disabled = True

    def order(number: int) -> str:
        flask.session["user"] = "ana"
        return "12345"

    def half() -> Iterator[str]:
        yield "x" * 10
        raise LookupError

    def broken() -> None:
        raise LookupError

    things = flask.Blueprint("things", __name__, url_prefix="/api/v1")
    things.add_url_rule("/things/<path:name>", "thing", lambda name: flask.abort(len(name) + 406), methods=["POST"])
    app.register_blueprint(things)
    app.add_url_rule("/orders/<int:number>", "order", order)
    app.add_url_rule("/stream", "stream", lambda: flask.Response("x" * 100 for _ in range(3)))
    app.add_url_rule("/half", "half", lambda: flask.Response(half()))
    app.add_url_rule("/broken", "broken", broken)
    app.add_url_rule("/file", "file", lambda: flask.send_file(io.BytesIO(b"1234567"), mimetype="text/plain"))
    app.wsgi_app = WsgiCallsMiddleware(
        app.wsgi_app, client=kept, user=lambda _: flask.session.get("user"), session=lambda environ: environ["nothing"]
    )
    return app


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/4", ("/orders/{number}", 200, 5)),
        ("HEAD", "/orders/4", ("/orders/{number}", 200, 0)),
        ("GET", "/stream", ("/stream", 200, 300)),
        ("GET", "/file", ("/file", 200, 7)),
        ("POST", "/api/v1/things/a/b", ("/api/v1/things/{name}", 409, None)),
        ("GET", "/broken", ("/broken", 500, None)),
        ("GET", "/nothing", (None, 404, None)),
        ("PUT", "/orders/4", (None, 405, None)),
    ],
)
def test_flask_s_rules_are_found_though_it_lets_go_of_the_request(
    kept: KeptCalls, method: str, path: str, expected: Told
) -> None:
    answer = ask_wsgi(flask_shop(kept), method, path)
    call = kept.only
    assert call.user == ("ana" if path == "/orders/4" and method != "PUT" else None), "asked while Flask knows it"
    route, status, size = told(kept)
    assert (route, status) == expected[:2]
    assert size == (len(answer.content) if expected[2] is None else expected[2])
    assert kept.counts.failed["session"] == 1


def test_flask_that_breaks_in_the_middle_of_an_answer_is_told(kept: KeptCalls) -> None:
    with pytest.raises(LookupError):
        ask_wsgi(flask_shop(kept), "GET", "/half")
    call = kept.only
    assert (call.request.route, call.response.status, call.response.bytes) == ("/half", 500, 10)
    assert call.error is not None
    assert call.error.code == "LookupError"


def test_a_mounted_flask_is_told_with_where_it_is(kept: KeptCalls) -> None:
    app = flask_shop(kept)

    def mounted(environ: Any, start_response: Any) -> Any:
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/shop", environ["PATH_INFO"].removeprefix("/shop")
        return app.wsgi_app(environ, start_response)

    ask_wsgi(mounted, "GET", "/shop/orders/4")
    assert told(kept)[0] == "/shop/orders/{number}"


@pytest.fixture(scope="module")
def django_shop() -> None:
    """Settings of Django are a process's own, so they are made once; the routes are those below."""
    django = pytest.importorskip("django", reason="pip install -e '.[dev]' brings Django")
    from django.conf import settings  # noqa: PLC0415 - only where it is there

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF="tests.unit.producers.client.django_urls",
            SECRET_KEY="an example",
            MIDDLEWARE=["producers.client.note_django_route", "django.middleware.common.CommonMiddleware"],
            LOGGING_CONFIG=None,
        )
        django.setup()


DJANGO = [
    ("/orders/42/", ("/orders/{number}/", 200, 5)),
    ("/orders/42", (None, 301, None)),
    ("/stream", ("/stream", 200, 300)),
    ("/file", ("/file", 200, 7)),
    ("/broken", ("/broken", 500, None)),
    ("/years/2026/", ("/years/{year}/", 200, None)),
    ("/api/missing/4", ("/api/missing/{number}", 404, None)),
    ("/async", ("/async", 200, None)),
    ("/nothing", (None, 404, None)),
]


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators:Warning")
@pytest.mark.parametrize(("path", "expected"), DJANGO)
@pytest.mark.parametrize("way", ["wsgi", "asgi"])
@pytest.mark.usefixtures("django_shop")
def test_django_s_patterns_are_noted_by_its_own_middleware(
    kept: KeptCalls, way: str, path: str, expected: Told
) -> None:
    from django.core.asgi import get_asgi_application  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

    if way == "wsgi":
        answer = ask_wsgi(
            WsgiCallsMiddleware(
                get_wsgi_application(), client=kept, user=lambda environ: environ["hypercare.request"].GET.get("u")
            ),
            "GET",
            path + "?u=ana",
        )
    else:
        answer = ask_asgi(
            CallsMiddleware(
                get_asgi_application(),
                client=kept,
                user=lambda scope: scope["state"]["hypercare.request"].GET.get("u"),
            ),
            "GET",
            path + "?u=ana",
        )
    assert kept.only.user == "ana"
    route, status, size = told(kept)
    assert (route, status) == expected[:2]
    assert size == (len(answer.content) if expected[2] is None else expected[2])


@pytest.mark.parametrize(
    ("said", "route"),
    [
        ("", "/"),
        ("orders/<int:number>/", "/orders/{number}/"),
        ("a/<slug>/b", "/a/{slug}/b"),
        (r"^y/(?P<year>[0-9]{4})/$", "/y/{year}/"),
        (r"api/^x/(?P<a>(\d+|[)]))\.json$", "/api/x/{a}.json"),
        (r"^(\d+)/$", None),
        (r"^a/.*$", None),
        (r"^(?P<open", None),
    ],
)
def test_django_s_ways_to_write_a_route(said: str, route: str | None) -> None:
    assert of_django(said) == route


@given(said=st.text(alphabet="ab/<>:{}()[]^$?P\\.*+|", max_size=40))
def test_whatever_a_pattern_is_it_is_a_path_or_nothing(said: str) -> None:
    route = of_django(said)
    assert route is None or route.startswith("/")


@given(rule=st.text(alphabet="ab/<>:{}", max_size=30), script=st.sampled_from(["", "/shop"]))
def test_whatever_flask_s_rule_is_it_is_told(rule: str, script: str) -> None:
    class Rule:
        def __init__(self) -> None:
            self.rule = rule
            self.url_rule = self

    assert str(of_environ({"werkzeug.request": Rule(), "SCRIPT_NAME": script})).startswith(script)
    assert of_environ({"werkzeug.request": None}) is None
