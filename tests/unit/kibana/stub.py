"""A Kibana that keeps saved objects in memory and holds whoever imports to the contract of the real one."""

from __future__ import annotations

import email
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Object = dict[str, Any]
LATEST = {"index-pattern": (8, 0, 0), "tag": (8, 0, 0), "search": (8, 0, 0), "dashboard": (8, 9, 0)}
"""The last versions that a Kibana 8.9 knows."""
CHECKED = {"index-pattern", "search"}
"""References of these kinds are looked up by an import, those of others are not."""


@dataclass
class Stub:
    """``objects`` by space; ``starting`` requests are answered with 503 first, ``busy`` ones after that with 429."""

    objects: dict[str, dict[tuple[str, str], Object]] = field(default_factory=lambda: {"": {}, "team": {}})
    settings: dict[str, Any] = field(default_factory=dict)
    authorization: str = ""
    starting: int = 0
    busy: int = 0
    imports: int = 0
    settings_refused: bool = False
    elsewhere: tuple[str, ...] = ()
    """Ids that are taken in another space."""

    def answer(  # noqa: C901, PLR0911 - one for each answer
        self, method: str, url: str, headers: Any, body: bytes
    ) -> tuple[int, bytes]:
        """What Kibana says."""
        parts = urlsplit(url)
        space, path = "", parts.path
        if path.startswith("/s/"):
            _, _, space, rest = path.split("/", 3)
            path = f"/{rest}"
        if self.starting:
            self.starting -= 1
            return 503, b"Kibana server is not ready yet"
        if self.authorization and headers.get("Authorization") != self.authorization:
            said = f"bad credentials: {headers.get('Authorization')}"
            return 401, _json({"statusCode": 401, "error": "Unauthorized", "message": said})
        if space not in self.objects:
            return 404, _json({"statusCode": 404, "error": "Not Found", "message": "Not Found"})
        if path == "/api/status" and method == "GET":
            return 200, _json({"version": {"number": "8.9.0"}, "status": {"overall": {"level": "available"}}})
        if "kbn-xsrf" not in headers:
            return 400, _json({"message": "Request must contain a kbn-xsrf header."})
        if self.busy:
            self.busy -= 1
            return 429, b""
        match method, path:
            case "POST", "/api/saved_objects/_export":
                return self._export(space, json.loads(body))
            case "POST", "/api/saved_objects/_import":
                return self._import(space, parse_qs(parts.query), headers, body)
            case "GET", "/api/kibana/settings" if not self.settings_refused:
                told = {name: {"userValue": value} for name, value in self.settings.items()}
                return 200, _json({"settings": {**told, "theme:darkMode": {}}})
            case "POST", "/api/kibana/settings" if not self.settings_refused:
                self.settings |= json.loads(body)["changes"]
                return 200, b"{}"
        return 404, _json({"message": "Not Found"})

    def _export(self, space: str, asked: Object) -> tuple[int, bytes]:
        found = [one for (kind, _), one in self.objects[space].items() if kind in asked["type"]]
        return 200, b"\n".join(_json(one) for one in found)

    def _import(  # noqa: PLR0911 - one for each answer
        self, space: str, query: dict[str, list[str]], headers: Any, body: bytes
    ) -> tuple[int, bytes]:
        self.imports += 1
        part = _file_part(headers.get("Content-Type", ""), body)
        if part is None:
            return 400, _json({"message": "[request body.file]: expected value of type [Stream]"})
        name, content = part
        if not name.endswith(".ndjson"):
            return 400, _json({"message": f"Invalid file extension {name}"})
        try:
            given = [json.loads(line) for line in content.splitlines() if line.strip()]
        except ValueError as error:
            return 400, _json({"message": f"Unexpected token: {error}"})
        if max(Counter((one["type"], one["id"]) for one in given).values(), default=1) > 1:
            return 400, _json({"message": "Non-unique import objects detected"})
        for one in given:
            if _version(one) > LATEST.get(one["type"], (0, 0, 0)):
                return 422, _json({"message": f'Document "{one["id"]}" belongs to a more recent version of Kibana'})
        errors = [*_missing(given, set(self.objects[space]))]
        if query.get("overwrite") != ["true"]:
            errors += [_error(one, {"type": "conflict"}) for one in given if _key(one) in self.objects[space]]
        if errors:
            return 200, _json({"success": False, "successCount": len(given) - len(errors), "errors": errors})
        self.objects[space] |= {_key(one): _migrated(one) for one in given}
        results = [_result(one, self.elsewhere) for one in given]
        said = {"success": True, "successCount": len(given), "warnings": [], "successResults": results}
        return 200, _json(said)


@contextmanager
def running(stub: Stub) -> Iterator[str]:
    """Serve it on loopback; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = stub.answer(self.command, self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _file_part(kind: str, body: bytes) -> tuple[str, bytes] | None:
    message: Any = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body, policy=policy.HTTP)
    if not message.is_multipart():
        return None
    for part in message.iter_parts():
        if part.get_param("name", header="content-disposition") == "file":
            return str(part.get_filename()), part.get_payload(decode=True)
    return None


def _migrated(one: Object) -> Object:
    """As a later Kibana stores it: a later version, keys of its own, and text spelled anew."""
    attributes = json.loads(json.dumps(one["attributes"]))
    if one["type"] == "dashboard":
        panels = json.loads(attributes["panelsJSON"])
        for panel in panels:
            panel["version"] = "8.9.0"
            state = panel["embeddableConfig"].get("attributes", {}).get("state", {})
            state.setdefault("adHocDataViews", {})["none"] = {}
        attributes["panelsJSON"] = json.dumps(panels)
    if one["type"] == "index-pattern":
        names = json.loads(attributes["fieldAttrs"])
        attributes["fieldAttrs"] = json.dumps({**names, "looked.at": {"count": 3}})
    version = ".".join(map(str, LATEST[one["type"]]))
    return {**one, "attributes": attributes, "typeMigrationVersion": version, "updated_at": "2026-06-15T09:00:00Z"}


def _missing(given: list[Object], there: set[tuple[str, str]]) -> Iterator[Object]:
    known = there | {_key(one) for one in given}
    for one in given:
        lost = [r for r in one["references"] if r["type"] in CHECKED and (r["type"], r["id"]) not in known]
        if lost:
            yield _error(one, {"type": "missing_references", "references": lost})


def _error(one: Object, why: Object) -> Object:
    return {"type": one["type"], "id": one["id"], "meta": {"title": one["id"]}, "error": why}


def _result(one: Object, elsewhere: tuple[str, ...]) -> Object:
    moved = {"destinationId": f"{one['id']}-copy"} if one["id"] in elsewhere else {}
    return {"type": one["type"], "id": one["id"], "meta": {}, "managed": False, **moved}


def _version(one: Object) -> tuple[int, ...]:
    return tuple(int(part) for part in one["typeMigrationVersion"].split("."))


def _key(one: Object) -> tuple[str, str]:
    return one["type"], one["id"]


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
