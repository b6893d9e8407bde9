"""The route that a framework took, written the same for all: ``/orders/{number}``.

Each framework says it elsewhere and in its own words: ``/orders/<int:number>`` in Flask, ``orders/<int:number>/`` or a
regular expression in Django, ``/orders/{number:int}`` in Starlette. None of them is imported here.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

ROUTE = "hypercare.route"
REQUEST = "hypercare.request"
"""Where an application leaves its route, and Django its request: in the environ, or in the state of the scope."""
_CONVERTED = re.compile(r"<(?:[^<>:]*:)?([^<>:]+)>")
_STARLETTE = re.compile(r"\{(\w+):\w+\}")
_NAMED = re.compile(r"\(\?P<(\w+)>")
_MARKS = re.compile(r"[\^$()\[\]*+?|\\]")
"""What is left of a regular expression that is no plain path."""


def of_scope(scope: Mapping[str, Any], root: str) -> str | None:
    """The route in a scope of ASGI; ``root`` is its root path as the server gave it."""
    state = scope.get("state")
    said = state.get(ROUTE) if isinstance(state, dict) else None
    if isinstance(said, str):
        return _CONVERTED.sub(r"{\1}", said)
    template = _template(scope)
    if template is None:
        return None
    below = str(scope.get("root_path") or "")
    if root and not str(scope.get("path") or "").startswith(root):
        below = below.removeprefix(root)  # a proxy took it off the path, so it is not in the route
    return _with_names(below, template, scope.get("path_params")) + template


def of_environ(environ: Mapping[str, Any]) -> str | None:
    """The route in an environ of WSGI: what the application left there, else the rule that Flask took."""
    said = environ.get(ROUTE)
    if isinstance(said, str):
        return _CONVERTED.sub(r"{\1}", said)
    rule = getattr(getattr(environ.get("werkzeug.request"), "url_rule", None), "rule", None)
    if not isinstance(rule, str):
        return None
    return str(environ.get("SCRIPT_NAME") or "") + _CONVERTED.sub(r"{\1}", rule)


def of_django(route: str) -> str | None:
    """``resolver_match.route`` as a path; None where it is a regular expression that is no plain path."""
    plain = _groups_named(route.replace("^", "").removesuffix("$"))
    plain = _CONVERTED.sub(r"{\1}", plain)
    plain = re.sub(r"\\([-./_ ])", r"\1", plain)
    return None if _MARKS.search(plain) else "/" + plain.removeprefix("/")


def note_django_route(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Middleware for Django's settings: leaves route and request where `CallsMiddleware` finds them.

    ``MIDDLEWARE = ["producers.client.note_django_route", …]``
    """

    def note(request: Any) -> None:
        match = getattr(request, "resolver_match", None)
        route = of_django(match.route) if match is not None and isinstance(match.route, str) else None
        scope = getattr(request, "scope", None)
        place = scope.setdefault("state", {}) if isinstance(scope, dict) else request.environ
        place[REQUEST] = request
        if route is not None:
            script = (scope.get("root_path") if isinstance(scope, dict) else request.environ.get("SCRIPT_NAME")) or ""
            place[ROUTE] = str(script).rstrip("/") + route

    async def awaited(request: Any) -> Any:
        response = await get_response(request)
        note(request)
        return response

    def called(request: Any) -> Any:
        response = get_response(request)
        note(request)
        return response

    if not inspect.iscoroutinefunction(get_response):
        return called
    return awaited


note_django_route.sync_capable = True  # type: ignore[attr-defined]
note_django_route.async_capable = True  # type: ignore[attr-defined]


def _template(scope: Mapping[str, Any]) -> str | None:
    """What Starlette or FastAPI left in the scope; of an included router FastAPI may say its prefix elsewhere."""
    route = scope.get("route")
    more = scope.get("fastapi")
    whole = more.get("effective_route_context") if isinstance(more, dict) else None
    if whole is not None and getattr(whole, "original_route", None) is route:
        route = whole
    for name in ("path_format", "path"):
        found = getattr(route, name, None)
        if isinstance(found, str) and found:
            return _STARLETTE.sub(r"{\1}", found)
    return None


def _with_names(root: str, template: str, params: Any) -> str:
    """Where applications are mounted, with the names of what is variable in it: ``/shops/7`` is ``/shops/{shop}``."""
    if not root or not isinstance(params, Mapping):
        return root
    names = {str(value): name for name, value in params.items() if "{" + str(name) + "}" not in template}
    return "/".join("{" + names[part] + "}" if part in names else part for part in root.split("/"))


def _groups_named(text: str) -> str:
    """Named groups of a regular expression as names in braces, whatever they contain."""
    while (found := _NAMED.search(text)) is not None:
        end = _closing(text, found.start())
        if end is None:
            return text
        text = text[: found.start()] + "{" + found[1] + "}" + text[end + 1 :]
    return text


def _closing(text: str, start: int) -> int | None:
    """Where the group that opens at ``start`` closes."""
    depth, escaped, in_set = 0, False, False
    for place in range(start, len(text)):
        char = text[place]
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif in_set:
            in_set = char != "]"
        elif char == "[":
            in_set = True
        elif char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return place
    return None
