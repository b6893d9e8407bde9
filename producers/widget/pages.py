"""The widget and its example page, and the form of the hotline, as the intake serves them.

The form works without scripts; with them the key stays in the tab. It carries the key itself, so no other page can
send it in somebody's name.
"""

from __future__ import annotations

import base64
import hashlib
import html
import uuid
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import FastAPI, Request
from starlette.responses import Response

from contracts.feedback import Feedback
from producers.intake.bodies import Body
from producers.intake.intake import Intake
from producers.intake.problems import Problem

HERE: Final = Path(__file__).parent
SCRIPT: Final = (HERE / "widget.js").read_bytes()
INTEGRITY: Final = "sha384-" + base64.b64encode(hashlib.sha384(SCRIPT).digest()).decode()
KEPT_S: Final = 3_600
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_FIELDS: Final = ("id", "text", "title", "reporter", "journey", "rating", "key")
MOST_FIELDS: Final = 20
STARS: Final = 5
HTML, SCRIPT_TYPE, STYLE_TYPE = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8"


def add_pages(app: FastAPI, intake: Intake) -> None:
    """Put the pages into the intake's application."""
    every = {
        "/widget/v1.js": _file(SCRIPT, SCRIPT_TYPE, **{"Access-Control-Allow-Origin": "*"}),
        "/widget/example.js": _file((HERE / "example.js").read_bytes(), SCRIPT_TYPE),
        "/widget/hotline.js": _file((HERE / "hotline.js").read_bytes(), SCRIPT_TYPE),
        "/widget/page.css": _file((HERE / "page.css").read_bytes(), STYLE_TYPE),
        "/widget/example": _example,
        "/hotline": _empty_form,
    }
    for path, page in every.items():
        app.add_api_route(path, page, methods=["GET"], include_in_schema=False)
    app.add_api_route("/hotline", _taking(intake), methods=["POST"], include_in_schema=False)


def _file(content: bytes, kind: str, **headers: str) -> Any:
    said = {"Cache-Control": f"public, max-age={KEPT_S}", "X-Content-Type-Options": "nosniff", **headers}

    async def page() -> Response:
        return Response(content, headers=said, media_type=kind)

    return page


async def _example(request: Request) -> Response:
    origin = html.escape(f"{request.url.scheme}://{request.url.netloc}")  # what the sender says, as Host
    return _shown("example.html", {"integrity": INTEGRITY, "origin": origin})


async def _empty_form() -> Response:
    return _form({}, "", 200)


def _taking(intake: Intake) -> Any:
    async def take(request: Request) -> Response:
        body = Body(intake.limits, intake.room)
        fields: dict[str, str] = {}
        try:
            raw = await body.read(request.receive, length=request.headers.get("content-length"), encoding=None)
            fields = _fields(raw)
            key = intake.key_of_token(fields.get("key"), "feedback")
            found = await intake.take_items(key, Feedback, orjson.dumps(_feedback(fields)), "application/json", None)
        except Problem as problem:
            intake.counts.refused.labels(str(problem.status), problem.reason).inc()
            return _form(fields, _said("bad", _in_words(problem)), problem.status)
        finally:
            body.close()
        receipt = f"Taken, and safe with us. Its reference is {found.ids[0]}."
        return _form({}, _said("good", receipt), 200)

    return take


def _fields(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Problem(400, "not_a_form", "the form cannot be read") from None
    return {name: value.replace("\x00", "") for name, value in pairs if name in _FIELDS}


def _feedback(fields: Mapping[str, str]) -> dict[str, Any]:
    """What was filled in; sent twice, by going back or pressing again, it has the same id."""
    text = fields.get("text", "").strip()
    if not text:
        raise Problem(422, "empty", "nothing was written")
    said: dict[str, Any] = {"channel": "hotline", "text": text, "source": {"system": "hotline form"}}
    if name := fields.get("id", ""):
        said["id"] = name
    if title := fields.get("title", "").strip():
        said["title"] = title
    if reporter := fields.get("reporter", "").strip():
        said["reporter"] = {"pseudonym": reporter}
    if journey := fields.get("journey", "").strip():
        said["context"] = {"journey": journey}
    if fields.get("rating", "") in {str(star) for star in range(1, STARS + 1)}:
        said["rating"] = {"scale": "stars", "value": int(fields["rating"])}
    return said


def _in_words(problem: Problem) -> str:
    if problem.status in {401, 403}:
        return "This key is not known, or is not for feedback. What you wrote is still here."
    if problem.status in {429, 503}:
        return "It cannot be taken at the moment. What you wrote is still here: wait a little and send it again."
    return f"It was not taken: {problem.detail}. What you wrote is still here."


def _form(fields: Mapping[str, str], said: str, status: int) -> Response:
    rating = fields.get("rating", "")
    options = [("", "not asked"), *((str(star), f"{star} of {STARS}") for star in range(1, STARS + 1))]
    ratings = "".join(
        f'<option value="{value}"{" selected" * (value == rating)}>{shown}</option>' for value, shown in options
    )
    focus = " autofocus"
    filled = {name: html.escape(fields.get(name, "")) for name in ("text", "title", "reporter", "journey")}
    wrong_key = status in {401, 403}
    return _shown(
        "hotline.html",
        {
            **filled,
            "id": html.escape(fields.get("id") or str(uuid.uuid4())),
            "ratings": ratings,
            "said": said,
            "page_title": ("Not sent: " if status >= 400 else "") + "Somebody called",  # noqa: PLR2004
            "focus_text": "" if wrong_key else focus,
            "focus_key": focus if wrong_key else "",
        },
        status,
    )


def _said(kind: str, text: str) -> str:
    return f'<p class="said {kind}" role="{"alert" if kind == "bad" else "status"}">{html.escape(text)}</p>'


def _shown(name: str, values: Mapping[str, str], status: int = 200) -> Response:
    page = Template((HERE / name).read_text(encoding="utf-8")).substitute(values)
    return Response(page, status, _HEADERS, HTML)
