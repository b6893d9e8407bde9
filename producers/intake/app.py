"""The ASGI application: paths, keys in headers, answers. What a request does is in `producers.intake.intake`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from contracts.calls import GatewayCall
from contracts.event import Event
from contracts.feedback import Feedback
from contracts.signals import Signal
from producers.intake.bodies import Body
from producers.intake.hooks.every import HOOKS
from producers.intake.hooks.gateways import OTLP
from producers.intake.hooks.hook import Hook
from producers.intake.hooks.sentry import HOOK as SENTRY
from producers.intake.intake import Accepted, Intake
from producers.intake.keys import Key
from producers.intake.openapi import described, document
from producers.intake.problems import MEDIA_TYPE, Problem
from producers.widget.pages import add_pages

JSON = "application/json"
CONTRACTS: dict[str, type[Event]] = {"feedback": Feedback, "calls": GatewayCall, "signals": Signal}
CORS_AGE_S = 3_600


def create_app(intake: Intake, *, cors: Sequence[str] = ()) -> FastAPI:
    """Put the application together; nothing connects before it is started. ``cors`` are origins of web pages."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await intake.outlet.start()
        yield
        await intake.outlet.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    for purpose, model in CONTRACTS.items():
        _add(app, f"/v1/{purpose}", _contract(intake, purpose, model), described(purpose))
    _add(app, "/v1/otlp/v1/traces", _otlp(intake), described("otlp", exporter=True))
    for hook in HOOKS.values():
        _add(app, f"/v1/hooks/{hook.name}", _hook(intake, hook), described(hook.name))
        if hook.check is not None:
            _add(app, f"/v1/hooks/{hook.name}/{{key_id}}", _hook(intake, hook), described(hook.name, signed=True))
    for path in ("/api/{project}/envelope/", "/api/{project}/store/"):
        app.add_api_route(path, _hook(intake, SENTRY), methods=["POST"], include_in_schema=False)
    _add_pages(app, intake)
    add_pages(app, intake)
    app.add_exception_handler(Problem, _problem(intake))
    app.add_exception_handler(HTTPException, _other(intake))
    app.add_exception_handler(Exception, _unexpected(intake))
    if cors:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors),
            allow_methods=["POST"],
            allow_headers=["authorization", "content-type", "idempotency-key", "x-api-key", "x-sentry-auth"],
            max_age=CORS_AGE_S,
        )
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    return app


def document_of_paths() -> dict[str, Any]:
    """The OpenAPI document, without an intake behind it."""
    return create_app(cast(Intake, None)).openapi()


Handler = Callable[[Request], Awaitable[Response]]
ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def _add(app: FastAPI, path: str, handler: Handler, about: dict[str, Any]) -> None:
    """FastAPI describes the path; a plain route before it answers, because there is nothing to inject."""
    app.router.routes.append(Route(path, handler, methods=["POST"], include_in_schema=False))
    app.add_api_route(path, handler, methods=["POST"], status_code=202, response_class=Response, **about)


def _contract(intake: Intake, purpose: str, model: type[Event]) -> Handler:
    async def take(request: Request) -> Response:
        headers = request.headers
        key = intake.key_of_token(_token(request), purpose)
        body = Body(intake.limits, intake.room)
        try:
            said = await body.read(
                request.receive, length=headers.get("content-length"), encoding=headers.get("content-encoding")
            )
            found = await intake.take_items(
                key, model, said, headers.get("content-type"), headers.get("idempotency-key")
            )
        finally:
            body.close()
        return _answer(found.told())

    return take


def _hook(intake: Intake, hook: Hook) -> Handler:
    async def take(request: Request) -> Response:
        return _answer((await _taken(intake, hook, request)).told())

    return take


def _otlp(intake: Intake) -> Handler:
    """Answers as OTLP/HTTP has it: 200, and what was not taken as a partial success."""

    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != JSON:
            raise Problem(415, "unknown_content_type", "OTLP is taken as JSON: set the exporter's encoding to json")
        found = await _taken(intake, OTLP, request)
        said: dict[str, Any] = {}
        if found.rejected:
            said["partialSuccess"] = {
                "rejectedSpans": str(len(found.rejected)),
                "errorMessage": found.rejected[0].detail,
            }
        return _answer(said, 200)

    return take


async def _taken(intake: Intake, hook: Hook, request: Request) -> Accepted:
    headers = {**request.headers, ":query": request.url.query}
    key_id = request.path_params.get("key_id")
    key: Key | None = None
    if key_id is not None:
        key = intake.key_of_id(key_id, hook.name)
    elif (token := _token(request)) is not None or hook.token_of is None:
        key = intake.key_of_token(token, hook.name)
    body = Body(intake.limits, intake.room)
    try:
        said = await body.read(
            request.receive, length=headers.get("content-length"), encoding=headers.get("content-encoding")
        )
        if key is None:
            key = intake.key_of_token(hook.token_of(headers, said) if hook.token_of else None, hook.name)
        elif key_id is not None and hook.check is not None:
            hook.check(headers, said, key.signing_secret.get_secret_value(), intake.now())
        return await intake.take_hook(hook, key, said, headers)
    finally:
        body.close()


def _token(request: Request) -> str | None:
    said = request.headers.get("authorization", "")
    scheme, _, token = said.partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    return request.headers.get("x-api-key")


def _add_pages(app: FastAPI, intake: Intake) -> None:
    async def live() -> Response:
        return _answer({"live": True}, 200)

    async def ready() -> Response:
        missing = await intake.outlet.missing()
        return _answer({"ready": not missing, "missing": missing}, 503 if missing else 200)

    async def metrics() -> Response:
        return Response(intake.counts.page(), media_type="text/plain; version=0.0.4")

    for path, page in {"/health/live": live, "/health/ready": ready, "/metrics": metrics}.items():
        app.add_api_route(path, page, methods=["GET"], include_in_schema=False)


def _answer(said: dict[str, Any], status: int = 202) -> Response:
    return Response(orjson.dumps(said), status, media_type=JSON)


def _problem(intake: Intake) -> ErrorHandler:
    async def answer(_: Request, problem: Exception) -> Response:
        if not isinstance(problem, Problem):
            raise problem
        intake.counts.refused.labels(str(problem.status), problem.reason).inc()
        return Response(problem.body(), problem.status, problem.headers(), MEDIA_TYPE)

    return answer


def _other(intake: Intake) -> ErrorHandler:
    """What the framework refuses by itself: paths and methods that are not there."""

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        problem = Problem(
            error.status_code, f"http_{error.status_code}", f"{error.detail}; /openapi.json lists what is"
        )
        answered = await _problem(intake)(request, problem)
        answered.headers.update(error.headers or {})
        return answered

    return answer


def _unexpected(intake: Intake) -> ErrorHandler:
    """A mistake of ours: the log has it, the sender learns only that it may be sent again."""

    async def answer(request: Request, _: Exception) -> Response:
        problem = Problem(500, "unexpected", "this is our mistake; the log of the intake says more", retry_after_s=30)
        return await _problem(intake)(request, problem)

    return answer
