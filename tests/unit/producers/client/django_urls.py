"""Routes of a Django application, for the middleware to be tried on."""

# ruff: noqa: ARG001 - views have their arguments, whatever they use of them

from __future__ import annotations

import io
from typing import Any

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path


def order(request: Any, number: int) -> HttpResponse:
    return HttpResponse("12345")


def stream(request: Any) -> StreamingHttpResponse:
    return StreamingHttpResponse(b"x" * 100 for _ in range(3))


def file(request: Any) -> FileResponse:
    return FileResponse(io.BytesIO(b"1234567"))


def broken(request: Any) -> HttpResponse:
    raise LookupError


def missing(request: Any, number: int) -> HttpResponse:
    raise Http404


def year(request: Any, year: str) -> HttpResponse:
    return HttpResponse(year)


async def later(request: Any) -> HttpResponse:
    return HttpResponse("later")


urlpatterns = [
    path("orders/<int:number>/", order),
    path("stream", stream),
    path("file", file),
    path("broken", broken),
    re_path(r"^years/(?P<year>[0-9]{4})/$", year),
    path("api/", include([path("missing/<int:number>", missing)])),
    path("async", later),
]
