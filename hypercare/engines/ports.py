"""Ports on loopback: chosen free once, then remembered, so that a restart keeps its endpoints."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from contracts.errors import Stop
from hypercare.engines.atomic_file import read_json, write_json

LOOPBACK = "127.0.0.1"

# Below the range from which systems take ports for outgoing connections: while an engine is down, no browser
# or client can be given its port by chance.
CANDIDATES = range(20_000, 32_000)
ATTEMPTS = 200

# An engine that has just been killed may need a moment until the system has closed its ports.
PATIENCE_S = 2.0
POLL_S = 0.1


def is_free(port: int) -> bool:
    """Tell whether nothing listens on ``port`` of loopback; connections still closing do not count."""
    with socket.socket() as probe:
        probe.settimeout(1)
        if probe.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def remembered(file: Path) -> dict[str, int]:
    """Return the ports noted in ``file``, none when it is absent or damaged."""
    return {name: port for name, port in read_json(file).items() if isinstance(port, int)}


def keep_or_choose(
    file: Path, names: Iterable[str], *, say: Callable[[str], None], patience_s: float = PATIENCE_S
) -> dict[str, int]:
    """Return a free port for each name: the remembered one, or a new one when a stranger took it."""
    known = remembered(file)
    chosen: dict[str, int] = {}
    for name in names:
        port = known.get(name)
        if port is None or not _becomes_free(port, patience_s):
            new = _free_port(taken={*known.values(), *chosen.values()})
            if port is not None:
                say(f"Port {port} ({name}) is used by another program; using {new} from now on.")
            port = new
        chosen[name] = port
    write_json(file, {**known, **chosen})
    return chosen


def _becomes_free(port: int, patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _free_port(*, taken: set[int]) -> int:
    for port in random.sample(CANDIDATES, ATTEMPTS):
        if port not in taken and is_free(port):
            return port
    raise Stop(
        f"No free port found between {CANDIDATES.start} and {CANDIDATES.stop} on {LOOPBACK}.",
        fix="End programs that listen there; `ss -ltn` lists them.",
    )
