"""Ask Kafka and Elasticsearch whether they answer; every answer is a word for people, never an exception."""

from __future__ import annotations

import base64
import http.client
import json
import logging
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

TIMEOUT_S = 3.0

# librdkafka reports each refused connection; whoever probes expects those.
_silent = logging.getLogger("hypercare.engines.probe.librdkafka")
_silent.addHandler(logging.NullHandler())
_silent.propagate = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe found: ``ready``, a word on what answered or on why nothing did, and of Kafka the brokers known."""

    ready: bool
    detail: str
    brokers: int = 0


def ask_kafka(bootstrap: str, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Ask a Kafka cluster for its brokers; it is ready when at least one accepts work."""
    refused = [problem for server in bootstrap.split(",") if (problem := _refusal(server.strip()))]
    if len(refused) == len(bootstrap.split(",")):
        return Answer(ready=False, detail="; ".join(refused))
    try:
        admin = AdminClient({"bootstrap.servers": bootstrap}, logger=_silent)
        brokers = len(admin.list_topics(timeout=timeout_s).brokers)
    except (KafkaException, ValueError) as error:
        return Answer(ready=False, detail=f"no answer in Kafka's protocol: {error}")
    return Answer(ready=brokers > 0, detail=f"{brokers} broker{'s' * (brokers != 1)}", brokers=brokers)


def ask_elasticsearch(url: str, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Ask an Elasticsearch for its version and health; it is ready from yellow on. A folder is, when it is there."""
    if url.startswith("file:"):
        there = Path(unquote(urlsplit(url).path)).is_dir()
        return Answer(ready=there, detail="files instead of Elasticsearch" if there else "the folder is not there")
    try:
        told = _get(url, "/", timeout_s)
        health = _get(url, "/_cluster/health", timeout_s)
    except _Refused as refused:
        return Answer(ready=refused.alive, detail=str(refused))
    except (OSError, ValueError, http.client.HTTPException) as error:
        return Answer(ready=False, detail=f"no answer: {error}")
    version = told.get("version", {}).get("number", "of unknown version")
    colour = health.get("status", "unknown")
    return Answer(ready=colour in {"green", "yellow"}, detail=f"version {version}, health {colour}")


def without_credentials(url: str) -> str:
    """Return ``url`` fit for showing: no user, no password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


class _Refused(Exception):  # noqa: N818 - an answer, though not the wanted one
    def __init__(self, status: int) -> None:
        super().__init__(f"answers with HTTP status {status}")
        # Asking for credentials, or forbidding this very question, is a sign of life.
        self.alive = status in {401, 403}


def _refusal(server: str) -> str:
    host, _, port = server.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_S):
            return ""
    except (OSError, ValueError) as error:
        return f"{server}: {error}"


def _get(url: str, path: str, timeout_s: float) -> dict[str, Any]:
    parts = urlsplit(url)
    connection = _connection(parts, timeout_s)
    try:
        connection.request("GET", parts.path.rstrip("/") + path, headers=_credentials(parts))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise _Refused(response.status)
    answer = json.loads(body)
    return answer if isinstance(answer, dict) else {}


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    # Not urllib: that would send questions to loopback through the proxy of the environment.
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port or 443, timeout=timeout_s, context=context)
    return http.client.HTTPConnection(host, parts.port or 9200, timeout=timeout_s)


def _credentials(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
