"""OpenTelemetry traces in OTLP/JSON: server and client spans of HTTP and RPC, and calls to language models.

Only spans that are calls become calls: of kind server, of kind client with HTTP, RPC or a language model, and of
any kind with an inference by a language model. A line holds many spans; the importer gives each to `parse` by
itself. The other spans of a line are kept together and refused as ``not_a_call``, with what they are.
A hop that both its client and its server record is two calls, each told by who told it.
Sources: open-telemetry/semantic-conventions http-spans.md and rpc-spans.md with their older names,
open-telemetry/semantic-conventions-genai, opentelemetry-proto (JSON encoding).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson

from contracts.calls import GatewayCall
from contracts.errors import Rejected, Unwanted
from producers.adapters.adapter import Place
from producers.adapters.assemble import assemble
from producers.adapters.facts import About
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import count_of
from producers.adapters.otlp_span import said_by, shortened
from producers.adapters.otlp_values import attributes_of, objects

SERVER: Final = "server"
CLIENT: Final = "client"
_KINDS = (
    "unspecified",
    "internal",
    SERVER,
    CLIENT,
    "producer",
    "consumer",
)
"""In the order of their numbers."""
_RESOURCES = ("resourceSpans", "resource_spans")
_SCOPES = ("scopeSpans", "scope_spans", "instrumentationLibrarySpans")
_WIRE = ("http.request.method", "http.method", "http.url", "url.full", "rpc.system", "rpc.system.name")
_INFERENCES = frozenset({"chat", "text_completion", "generate_content", "embeddings", "completion", "responses"})
_MODELS = ("gen_ai.request.model", "gen_ai.response.model")


class _Span(NamedTuple):
    resource: Mapping[str, Any]
    span: dict[str, Any]
    attributes: dict[str, Any]
    kind: str

    @property
    def is_call(self) -> bool:
        if self.kind == SERVER and (any(name in self.attributes for name in _WIRE) or self._is_inference()):
            return True
        return self._is_inference() or (self.kind == CLIENT and any(name in self.attributes for name in _WIRE))

    def _is_inference(self) -> bool:
        operation = self.attributes.get("gen_ai.operation.name")
        if operation is None:
            return any(model in self.attributes for model in _MODELS)
        return isinstance(operation, str) and operation in _INFERENCES


class Otlp:
    """OpenTelemetry spans, one export request a line."""

    name = "otlp"
    event = GatewayCall
    about = About(
        "OpenTelemetry traces as OTLP/JSON: HTTP, RPC and GenAI spans, old and new names",
        lacks=("request id", "upstream's time", "consumer", "sign-in", "gateway's own failures"),
    )

    def recognises(self, line: bytes) -> bool:
        """Tell it by its list of resources."""
        try:
            record = json_object(line)
        except Rejected:
            return False
        return any(isinstance(record.get(name), list) for name in _RESOURCES)

    def parse(self, line: bytes, place: Place) -> GatewayCall:
        """Read the one call of an export request."""
        record = json_object(line)
        if not any(isinstance(record.get(name), list) for name in _RESOURCES):
            raise Rejected("missing_field", "resourceSpans: not there")
        spans = list(_spans(record))
        calls = [one for one in spans if one.is_call]
        if not calls:
            raise Unwanted("not_a_call", _listed(spans))
        if len(calls) > 1:
            raise Rejected("several_calls", f"resourceSpans: {len(calls)} calls in what should be one")
        one = calls[0]
        fields = Fields(one.attributes)
        moment, said, cut, notes = said_by(fields, one.span, attributes_of(one.resource), server=one.kind == SERVER)
        return assemble(
            line, place, moment, said, left=fields.rest(), cut=cut, unreadable=fields.unreadable, notes=notes
        )

    def unbundled(self, record: dict[str, Any]) -> Iterator[bytes] | None:
        """Each call as an export request of its own, and one with all spans that are no calls."""
        spans = list(_spans(record))
        if len(spans) <= 1:
            return None
        return _requests(spans)


def _requests(spans: list[_Span]) -> Iterator[bytes]:
    yield from (_request([one]) for one in spans if one.is_call)
    others = [one for one in spans if not one.is_call]
    if others:
        yield _request(others)


def _request(spans: list[_Span]) -> bytes:
    """An export request of these spans, with what is read of their resources: each stands in many requests."""
    resources = [{"resource": shortened(one.resource), "scopeSpans": [{"spans": [one.span]}]} for one in spans]
    return orjson.dumps({"resourceSpans": resources})


def _spans(record: Mapping[str, Any]) -> Iterator[_Span]:
    for resource_spans in objects(record, *_RESOURCES):
        resource = resource_spans.get("resource")
        owner = resource if isinstance(resource, dict) else {}
        for scope in objects(resource_spans, *_SCOPES):
            for span in objects(scope, "spans"):
                yield _Span(owner, span, attributes_of(span), _kind(span))


def _kind(span: Mapping[str, Any]) -> str:
    said = span.get("kind", 0)
    number = count_of(said)
    if number is not None:
        return _KINDS[number] if number < len(_KINDS) else _KINDS[0]
    return str(said).upper().removeprefix("SPAN_KIND_").lower()[:20]


def _listed(spans: list[_Span]) -> str:
    """How many spans of which kind; their names may say anything and are not repeated."""
    kinds = Counter(
        "database" if "db.system" in s.attributes or "db.system.name" in s.attributes else s.kind for s in spans
    )
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind.isalpha())
    return f"resourceSpans: {len(spans)} spans that are no calls" + (f" ({told})" if told else "")
