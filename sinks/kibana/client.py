"""Talk to a Kibana: is it ready, what is there, take this.

Source of the contract: elastic/kibana, ``src/core/packages/saved-objects/server-internal/src/routes`` and
``import-export-server-internal``. An import is judged by its ``success``, not by its status: 200 says that it was read.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from contracts.errors import Stop, Unavailable
from contracts.personal_data import mask_line
from contracts.secrets import MASK
from sinks.kibana.saved_objects import TYPE_VERSIONS, Object

TIMEOUT_S = 60.0
READY_WITHIN_S = 180.0
"""A new Kibana migrates its indices first: a minute or two on a small machine."""
POLL_S = 2.0
TRIES, FIRST_PAUSE_S = 4, 1.0
AWAY = {429, 502, 503, 504}
"""Answers of a Kibana that is busy or starting, or of what stands in front of it: try again."""
OK, BAD_REQUEST, NOT_FOUND, TOO_LARGE, TOO_NEW = 200, 400, 404, 413, 422
CONFLICT = 409
NO_RIGHT = {401, 403}
Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class KibanaAccess:
    """An address, a space, and an API key or a user and password; secrets stay out of its repr."""

    address: str
    space: str = ""
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """What proves who we are; Kibana refuses what changes anything without ``kbn-xsrf``."""
        said = {"kbn-xsrf": "true"}
        if self.api_key:
            return said | {"Authorization": f"ApiKey {self.api_key}"}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return said | {"Authorization": f"Basic {pair}"}
        return said

    def without_secrets(self, text: str) -> str:
        """A text of a server, fit for a screen."""
        for secret in (self.api_key, self.password):
            text = text.replace(secret, MASK) if secret else text
        return mask_line(text)[0]


class Kibana:
    """One space of a Kibana."""

    def __init__(self, access: KibanaAccess, *, sleep: Sleep = time.sleep) -> None:
        self._access = access
        self._parts = urlsplit(access.address)
        if self._parts.scheme not in {"http", "https"} or not self._parts.hostname or "@" in self._parts.netloc:
            raise Stop(
                "The address of Kibana is no plain URL.",
                fix="write http://host:5601; user and password have options of their own",
                exit_code=2,
            )
        self._sleep = sleep

    def wait(self, *, within_s: float = READY_WITHIN_S, say: Callable[[str], None] = lambda _: None) -> str:
        """Wait until it is ready; return its version. Raise `Stop` when it is not within that time."""
        waited, told = 0.0, ""
        while True:
            why, version = self._ready()
            if not why:
                return version
            if waited >= within_s:
                raise Stop(
                    f"Kibana at {self._access.address} is not ready after {within_s:.0f} s: {why}",
                    fix="look at its log, or wait longer with --within",
                )
            if why != told:
                say(f"waiting for Kibana: {why}")
                told = why
            self._sleep(POLL_S)
            waited += POLL_S

    def objects(self) -> dict[tuple[str, str], Object]:
        """What is there of the kinds we write, ours and others', by type and id."""
        asked = {"type": sorted(TYPE_VERSIONS), "excludeExportDetails": True}
        status, answer = self._ask("POST", "/api/saved_objects/_export", orjson.dumps(asked), "application/json")
        if status == BAD_REQUEST:
            raise self._refused("tell what is there", status, answer)
        self._check(status, answer, "read saved objects")
        found = [orjson.loads(line) for line in answer.splitlines() if line.strip()]
        return {(one["type"], one["id"]): one for one in found}

    def take(self, file: bytes) -> int:
        """Import a file over what is there; return how many objects. Raise `Stop` if any was not taken."""
        boundary = hashlib.blake2b(file, digest_size=16).hexdigest()
        head = 'Content-Disposition: form-data; name="file"; filename="hypercare.ndjson"'
        opened = f"--{boundary}\r\n{head}\r\nContent-Type: application/ndjson\r\n\r\n"
        body = opened.encode() + file + f"\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        status, answer = self._ask("POST", "/api/saved_objects/_import?overwrite=true", body, kind)
        self._check(status, answer, "import saved objects")
        said = _read(answer)
        if said.get("success") is not True:
            raise Stop(
                "Kibana did not take everything: " + "; ".join(self._problems(said.get("errors", ()))),
                fix="nothing counts as imported: mend this and apply again",
            )
        moved = [one["id"] for one in said.get("successResults", ()) if one.get("destinationId")]
        if moved:
            raise Stop(
                f"Ids are taken in another space, so Kibana made copies whose links lead nowhere: {', '.join(moved)}",
                fix="delete the copies, and apply with --prefix in one of the spaces",
            )
        return int(said.get("successCount", 0))

    def set(self, settings: Mapping[str, Any]) -> str:
        """Change advanced settings of the space; return why that was not possible, empty when it was."""
        body = orjson.dumps({"changes": settings})
        status, answer = self._ask("POST", "/api/kibana/settings", body, "application/json")
        return "" if status == OK else f"{status} {self._message(answer)}"

    def settings(self) -> Mapping[str, Any] | None:
        """Advanced settings that somebody has chosen for the space; None where they may not be read."""
        status, answer = self._ask("GET", "/api/kibana/settings", b"", "")
        if status != OK:
            return None
        said = _read(answer).get("settings", {})
        return {name: one["userValue"] for name, one in said.items() if "userValue" in one}

    def keep(self, path: str, created: Mapping[str, Any], updated: Mapping[str, Any]) -> str:
        """Create what lives at a path of its own, or change it where it is there; say which."""
        status, answer = self._ask("POST", path, orjson.dumps(created), "application/json")
        if status == CONFLICT:
            status, answer = self._ask("PUT", path, orjson.dumps(updated), "application/json")
            self._check(status, answer, f"change {path}")
            return "changed"
        self._check(status, answer, f"create {path}")
        return "created"

    def _ready(self) -> tuple[str, str]:
        try:
            status, answer = self._once("GET", "/api/status", b"", "")
        except Unavailable as error:
            return str(error), ""
        if status in NO_RIGHT or status == NOT_FOUND:
            self._check(status, answer, "tell how it is")
        said = _read(answer)
        level = said.get("status", {}).get("overall", {}).get("level", "unknown")
        if status == OK and level == "available":
            return "", str(said.get("version", {}).get("number", ""))
        return f"it answers {status}, {level}", ""

    def _ask(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        pause = FIRST_PAUSE_S
        for left in reversed(range(TRIES)):
            try:
                status, answer = self._once(method, path, body, kind)
            except Unavailable as error:
                if not left:
                    raise Stop(str(error), fix="look whether it runs, and apply again") from error
            else:
                if status not in AWAY or not left:
                    return status, answer
            self._sleep(pause)
            pause *= 2
        raise AssertionError  # the last try returns or raises

    def _once(self, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
        host, port = self._parts.hostname or "", self._parts.port
        secure = self._parts.scheme == "https"
        connection = (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(
            host, port, timeout=TIMEOUT_S
        )
        headers = self._access.headers() | ({"Content-Type": kind} if kind else {})
        space = f"/s/{quote(self._access.space, safe='')}" if self._access.space else ""
        try:
            connection.request(method, self._parts.path.rstrip("/") + space + path, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            why = self._access.without_secrets(str(error) or type(error).__name__)
            raise Unavailable(f"Kibana at {self._access.address} does not answer: {why}") from None
        finally:
            connection.close()

    def _check(self, status: int, answer: bytes, what: str) -> None:
        if status == OK:
            return
        raise self._refused(what, status, answer)

    def _refused(self, what: str, status: int, answer: bytes) -> Stop:
        fixes = {
            **dict.fromkeys(
                NO_RIGHT, "give --api-key, or --user and HYPERCARE_KIBANA_PASSWORD, that may write saved objects"
            ),
            NOT_FOUND: "is the address right, with its base path, and does the space exist?",
            TOO_LARGE: "raise the body limit of what stands in front of Kibana, or savedObjects.maxImportPayloadBytes",
            TOO_NEW: "Kibana has to be 8.8 or later",
        }
        return Stop(
            f"Kibana did not {what}: {status} {self._message(answer)}",
            fix=fixes.get(status, "the cause is in Kibana's log"),
        )

    def _message(self, answer: bytes) -> str:
        said = _read(answer).get("message") or answer[:200].decode("utf-8", "replace")
        return self._access.without_secrets(str(said)[:300])

    def _problems(self, errors: Iterable[Mapping[str, Any]]) -> Iterable[str]:
        for one in errors:
            error = one.get("error", {})
            missing = ", ".join(f"{r.get('type')} {r.get('id')}" for r in error.get("references", ()))
            why = " ".join(str(part) for part in (error.get("type"), error.get("message"), missing) if part)
            yield self._access.without_secrets(f"{one.get('type')} {one.get('id')}: {why}")


def _read(answer: bytes) -> dict[str, Any]:
    try:
        said = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
