"""A virtual environment for the peers, made when it is missing or its pins have changed.

Quix Streams wants older versions of confluent-kafka and pydantic than ours, so they cannot be installed beside our
pins. Our package goes into the same environment: the rules are the same object everywhere. A peer that cannot be
installed on this Python is left out, with the reason; the others are measured without it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv-peers"
PYTHON = FOLDER / "bin" / "python"
PINS = ROOT / "constraints-peers.txt"
PROJECT = ROOT / "pyproject.toml"
STAMP = FOLDER / ".installed"
DISTRIBUTIONS = {"quixstreams": "quixstreams", "bytewax": "bytewax", "arroyo": "sentry-arroyo"}
INSTALL_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer as found: its ``version``, or ``why`` there is none."""

    name: str
    version: str = ""
    why: str = ""


def find_peers() -> dict[str, Peer]:
    """All peers by name, after having made their environment where necessary."""
    wanted = hashlib.sha256(PROJECT.read_bytes() + PINS.read_bytes() + sys.version.encode()).hexdigest()
    failed: dict[str, str] = {}
    if not STAMP.exists() or STAMP.read_text() != wanted:
        failed = _install()
        if not failed:  # else the next run tries again: it may have been the network
            STAMP.write_text(wanted)
    return {name: _look(name, failed.get(name, "")) for name in DISTRIBUTIONS}


def _install() -> dict[str, str]:
    """Install all peers together or, if that fails, each alone; say which failed and why."""
    print(f"Installing the peers into {FOLDER.name} (pinned in {PINS.name}) …", flush=True)
    if why := _failure(sys.executable, "-m", "venv", "--clear", str(FOLDER)):
        return dict.fromkeys(DISTRIBUTIONS, why)
    if not _pip("--editable", f"{ROOT}[peers]"):
        return {}
    if why := _pip("--editable", str(ROOT)):
        return dict.fromkeys(DISTRIBUTIONS, why)
    failed = {}
    for requirement in tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]["peers"]:
        (name,) = (n for n, distribution in DISTRIBUTIONS.items() if requirement.startswith(distribution))
        if why := _pip(requirement):
            failed[name] = why
    return failed


def _pip(*what: str) -> str:
    options = ("--quiet", "--disable-pip-version-check", "--constraint", str(PINS))
    return _failure(str(PYTHON), "-m", "pip", "install", *options, *what)


def _look(name: str, why: str) -> Peer:
    """Import it in its environment: what is installed may still not run here."""
    if why:
        return Peer(name, why=why)
    say = f"import {name}, importlib.metadata as m; print(m.version({DISTRIBUTIONS[name]!r}))"
    done = subprocess.run([PYTHON, "-c", say], capture_output=True, text=True, check=False)
    return Peer(name, version=done.stdout.strip(), why=_reason(done.stderr) if done.returncode else "")


def _failure(*command: str) -> str:
    """Nothing if the command went well, else what it gave as the reason."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"not installed within {INSTALL_TIMEOUT_S} s"
    return _reason(done.stderr or done.stdout) if done.returncode else ""


def _reason(said: str) -> str:
    """The first error that pip names (what follows is advice), or the last line of a traceback."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["it says nothing"]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors[0] if errors else lines[-1]).partition(" (from versions")[0][:200]
