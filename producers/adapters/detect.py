"""Find the adapter of a log of calls from its first lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.errors import Stop
from producers.adapters.access_log import AccessLog
from producers.adapters.adapter import Adapter
from producers.adapters.apinto import Apinto
from producers.adapters.contract import CONTRACT_CALLS

CALL_ADAPTERS: tuple[Adapter, ...] = (CONTRACT_CALLS, Apinto(), AccessLog())
"""In the order in which they are asked; of equals the first wins."""


@dataclass(frozen=True, slots=True)
class Detected:
    """The adapter, and why."""

    adapter: Adapter
    reason: str


def adapter_named(name: str) -> Adapter:
    """Return the adapter of calls of this name; raise `Stop` listing those there are."""
    for adapter in CALL_ADAPTERS:
        if adapter.name == name:
            return adapter
    raise Stop(f"there is no adapter {name!r}", fix=f"choose one of: {_known()}")


def detect(sample: Sequence[bytes], path: str) -> Detected:
    """Choose the adapter that recognises most of the sample lines; raise `Stop` when none recognises any."""
    lines = [line for line in sample if line.strip()]
    if not lines:
        raise Stop(f"{path} holds no lines", fix="give a file with at least one line")
    counts = [sum(adapter.recognises(line) for line in lines) for adapter in CALL_ADAPTERS]
    most = max(counts)
    if most == 0:
        raise Stop(
            f"no known format fits the first {len(lines)} lines of {path}",
            fix=f"known formats: {_known()}; name the right one, or see docs/importing.md to add one" + _hint(lines),
        )
    adapter = CALL_ADAPTERS[counts.index(most)]
    return Detected(adapter, f"{adapter.name}: {most} of the first {len(lines)} lines are in this format")


def _hint(lines: Sequence[bytes]) -> str:
    if lines[0].lstrip().startswith(b"["):
        return "; for a JSON array, write one object a line first: jq -c '.[]' FILE"
    return ""


def _known() -> str:
    return ", ".join(adapter.name for adapter in CALL_ADAPTERS)
