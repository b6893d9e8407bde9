"""Kong's log serializer, as http-log, file-log, tcp-log and the like write it: one object, or an array of them.

Everything is in milliseconds; ``latencies.proxy`` is -1 when no upstream was reached. ``upstream_status`` is a
text with all attempts, "502, 200". ``source`` is ``kong`` when the answer was Kong's own. Of the headers only
user agent and trace are taken: Kong hides ``authorization``, not ``apikey`` or ``cookie``. The payloads of its AI
plugins are never kept.
Sources: Kong/kong kong/pdk/log.lua, kong/llm/plugin/shared-filters/serialize-analytics.lua.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.calls import GatewayCall, Outcome
from contracts.errors import Rejected
from contracts.limits import MAX_ATTEMPTS
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble, error_part, latency_part
from producers.adapters.attributes import Scalar
from producers.adapters.callers import headers_part, trace_id
from producers.adapters.facts import About
from producers.adapters.fields import MILLISECONDS, Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS, statuses_of, text_of
from producers.adapters.model_calls import ai_part
from producers.adapters.request_targets import request_part
from producers.adapters.upstream_names import telling_address

_OWN = frozenset({"kong", "exit", "error"})
"""``source`` of answers that no upstream gave; older versions write where inside Kong they came from."""
_ERROR, _SERVER_ERROR, _TIMEOUT = 400, 500, 504
_OWN_STATUSES: dict[int, Outcome] = {401: "auth_failed", 403: "auth_failed", 429: "rate_limited"}


class Kong:
    """Kong, one object a line, or several in an array."""

    name = "kong"
    event = GatewayCall
    about = About(
        "Kong: http-log, file-log and the other log plugins, one object or an array; AI Proxy in its old and new form",
        lacks=("route", "country", "user"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its latencies beside request and response."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        return isinstance(record.get("latencies"), dict) and "request" in record and "response" in record

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read one record."""
        fields = Fields(json_object(line))
        moment = fields.moment("started_at")
        request, response = fields.part("request"), fields.part("response")
        status = response.needed_status("status")
        headers = request.take("headers")
        agent, trace = headers_part(headers if isinstance(headers, dict) else {})
        asked, cut = _request(request)
        tries = _tries(fields)
        statuses = statuses_of(fields.take("upstream_status"))
        service, consumer = fields.part("service"), fields.part("consumer")
        identity = fields.part("authenticated_entity")
        source = fields.text("source")
        own = source in _OWN if source else not statuses and not tries
        said: dict[str, object] = {
            "gateway": {"product": "kong", "instance": fields.text("hostname", "node_id")},
            "request": asked,
            "response": {"status": status, "bytes": response.count("size")},
            "latency": _latency(fields.part("latencies")),
            "upstream": _upstream(service, tries, statuses),
            "client": {"ip": fields.address("client_ip"), "user_agent": agent},
            "consumer": consumer.text("username", "custom_id", "id") or identity.text("consumer_id"),
            "trace": trace or _trace(fields),
            "auth": {"ok": True} if identity.text("id") else None,
            **_verdict(status, [one.text("state") for one in tries], own=own),
        }
        said["ai"], notes = _ai(fields.take("ai"))
        route = fields.part("route").text("name", "id")
        fields.drop("upstream_uri")  # it may repeat secrets of the caller
        left = [("route_name", route), ("source", source), *fields.rest()]
        return assemble(line, place, moment, said, left=left, cut=cut, unreadable=fields.unreadable, notes=notes)


def _request(request: Fields) -> tuple[dict[str, object], list[str]]:
    target = request.text("uri", limit=4 * LINE_CHARS)
    whole = request.text("url", limit=4 * LINE_CHARS)
    if whole and "://" in whole:
        target = whole
    request.drop("querystring", "tls", "body")
    said = {"id": request.text("id", limit=200), "method": request.text("method", limit=32)}
    return request_part(target, {**said, "bytes": request.count("size")})


def _tries(fields: Fields) -> list[Fields]:
    listed = fields.take("tries")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [Fields(one, "tries.", fields.unreadable) for one in found[:MAX_ATTEMPTS]]


def _latency(latencies: Fields) -> dict[str, float | None]:
    if latencies.left.get("proxy") in (-1, "-1"):
        latencies.drop("proxy")
    upstream = latencies.duration("proxy", unit=MILLISECONDS)
    own = latencies.duration("kong", unit=MILLISECONDS)
    return latency_part(latencies.duration("request", unit=MILLISECONDS), upstream, own)


def _upstream(service: Fields, tries: list[Fields], statuses: tuple[int, ...]) -> dict[str, object]:
    host = service.text("host")
    address = host
    if tries:
        ip, port = tries[-1].text("ip"), tries[-1].count("port")
        address = telling_address(f"{ip}:{port}" if ip and port else ip or host, host)
    return {
        "service": service.text("name", "id") or host,
        "address": address,
        "statuses": statuses,
        "retries": max(len(tries), len(statuses)) - 1 if tries or statuses else None,
    }


def _trace(fields: Fields) -> dict[str, str]:
    ids = fields.take("trace_id")
    for said in ids.values() if isinstance(ids, dict) else [ids]:
        found = trace_id(text_of(said))
        if found:
            return {"trace_id": found}
    return {}


def _verdict(status: int, states: list[str | None], *, own: bool) -> dict[str, object]:
    """Kong's own answers; those it gave because no upstream could be reached are the upstream's."""
    if status < _ERROR or not own:
        return {}
    failed = [state for state in states if state]
    outcome: Outcome | None = _OWN_STATUSES.get(status)
    if outcome is None and status >= _SERVER_ERROR:
        outcome = ("timeout" if status == _TIMEOUT else "upstream_error") if failed else "gateway_error"
    said: dict[str, object] = {"error": error_part("balancer" if failed else "kong", (failed or ["own_answer"])[-1])}
    return said if outcome is None else {**said, "outcome": outcome}


def _ai(found: object) -> tuple[dict[str, object] | None, dict[str, Scalar]]:
    """The first of the plugins that says something: ``ai.proxy``, or ``ai["ai-proxy"]`` in older versions."""
    for plugin in found.values() if isinstance(found, Mapping) else ():
        if isinstance(plugin, Mapping) and (plugin.get("meta") or plugin.get("usage")):
            meta, usage = _part(plugin, "meta"), _part(plugin, "usage")
            part, notes = ai_part(
                provider=_specified(meta.text("provider_name")),
                request_model=_specified(meta.text("request_model")),
                response_model=_specified(meta.text("response_model")),
                input_tokens=usage.count("prompt_tokens", "prompt_token"),
                output_tokens=usage.count("completion_tokens", "completion_token"),
                cost=usage.number("cost"),
            )
            if part is not None:
                return part, notes
    return None, {}


def _part(plugin: Mapping[str, Any], name: str) -> Fields:
    found = plugin.get(name)
    return Fields(found if isinstance(found, dict) else {})


def _specified(text: str | None) -> str | None:
    return None if text == "UNSPECIFIED" else text
