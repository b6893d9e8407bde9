"""Find the adapter of a log of calls from its first lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from contracts.errors import Stop
from producers.adapters.access_log import AccessLog
from producers.adapters.adapter import Adapter, CallAdapter
from producers.adapters.apinto import Apinto
from producers.adapters.apinto_line import ApintoLine, read_formatter
from producers.adapters.aws import AwsApiGateway
from producers.adapters.bundles import unbundled
from producers.adapters.contract import CONTRACT_CALLS
from producers.adapters.envoy import Envoy
from producers.adapters.gravitee import Gravitee
from producers.adapters.kong import Kong
from producers.adapters.nginx_json import NginxJson
from producers.adapters.otlp import Otlp
from producers.adapters.traefik import Traefik
from producers.adapters.traefik_common import TraefikCommon
from producers.adapters.tyk import Tyk
from producers.files import Line

CALL_ADAPTERS: tuple[CallAdapter, ...] = (
    Apinto(),
    Kong(),
    Envoy(),
    Tyk(),
    Traefik(),
    TraefikCommon(),
    Gravitee(),
    Otlp(),
    AwsApiGateway(),
    NginxJson(),
    AccessLog(),
)
"""In the order in which they are asked: the more particular come first."""
NEARLY = 0.75
DETECTED: tuple[Adapter, ...] = (CONTRACT_CALLS, *CALL_ADAPTERS)
FORMATTED = ApintoLine.name + ":"
"""Start of the name of an adapter that needs a file to read by: ``apinto-line:formatter.json``."""
MOST_RECORDS = 100
"""Records of arrays that are looked at, when there are fewer lines than that."""


@dataclass(frozen=True, slots=True)
class Detected:
    """The adapter, and why."""

    adapter: Adapter
    reason: str


def adapter_named(name: str) -> Adapter:
    """Return the adapter of calls of this name; raise `Stop` listing those there are."""
    if name.startswith(FORMATTED):
        return ApintoLine(read_formatter(name.removeprefix(FORMATTED)))
    for adapter in DETECTED:
        if adapter.name == name:
            return adapter
    raise Stop(f"there is no adapter {name!r}", fix=f"choose one of: {_known()}")


def detect(sample: Sequence[bytes], path: str) -> Detected:
    """Choose the most particular of the adapters that recognise most of the sample lines; `Stop` when none does any.

    A general format such as the common log also fits lines of a particular one that were cut off, so the particular
    one needs only `NEARLY` as many. Of an array its records are looked at.
    """
    lines = [line for line in sample if line.strip()]
    if not lines:
        raise Stop(f"{path} holds no lines", fix="give a file with at least one line")
    looked_at = list(islice(_records(lines), max(len(lines), MOST_RECORDS)))
    counts = [sum(adapter.recognises(line) for line in looked_at) for adapter in DETECTED]
    most = max(counts)
    if most == 0:
        raise Stop(
            f"no known format fits the first {len(lines)} lines of {path}",
            fix=f"known formats: {_known()}; name the right one, or see docs/importing.md to add one" + _hint(lines),
        )
    adapter, count = next(found for found in zip(DETECTED, counts, strict=True) if found[1] >= NEARLY * most)
    return Detected(adapter, f"{adapter.name}: {count} of the first {len(looked_at)} lines are in this format")


def _records(lines: Sequence[bytes]) -> Iterator[bytes]:
    """Each line, or the records of an array; a shape of a format's own is left as it is."""
    for line in unbundled((Line(0, line) for line in lines), CONTRACT_CALLS):
        yield line.data


def _hint(lines: Sequence[bytes]) -> str:
    if lines[0].lstrip().startswith((b"[", b"{")) and len(lines) > 1:
        return (
            "; a JSON document over several lines: write one object a line first, with jq -c . FILE or jq -c '.[]' FILE"
        )
    return ""


def _known() -> str:
    return ", ".join([adapter.name for adapter in DETECTED] + [f"{FORMATTED}FORMATTER.json"])
