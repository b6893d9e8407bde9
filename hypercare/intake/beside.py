"""The intake as `hypercare up` runs it beside the stages: where it listens, how it is, and what to do next."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path

from contracts.errors import Stop
from hypercare.engines.atomic_file import read_json, write_json
from hypercare.last_words import LastWords, last_words
from hypercare.stage_health import crashes_again
from hypercare.supervisor import INTAKE, StageState
from producers.intake.key_file import NAME, read_keys

TIMEOUT_S = 3.0
"""Longer than the broker may take to say which topics there are would be longer than anybody watches."""
MAX_PAGE_BYTES = 65_536
SAID_CHARS = 300
MAKE_A_KEY = "`hypercare keys create --for feedback --project shop`"
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - where to ask one that listens so


@dataclass(frozen=True, slots=True)
class Address:
    """Where it listens."""

    host: str
    port: int
    tls: bool = False

    def __str__(self) -> str:
        """As a browser takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class IntakeLine:
    """The intake, as `status --json` gives it; the names are those of a stage where it has the same.

    ``state`` is ``off`` where the instance runs none, ``keys`` how many are in force, ``address`` empty until it
    listens.
    """

    state: str
    address: str = ""
    keys: int = 0
    restarts: int = 0
    note: str = ""
    pid: int = 0
    last_exit: str = ""
    last_exit_code: int | None = None
    problem: str = ""
    next: str = ""

    @property
    def fine(self) -> bool:
        """Whether nobody has to do anything for it to take events; keys are another matter."""
        return self.state in {"off", "running"} and not crashes_again(self.state, self.restarts, self.note)


def note_address(home: Path, address: Address) -> None:
    """Write down where it listens, for `status`."""
    write_json(_file(home), asdict(address))


def forget_address(home: Path) -> None:
    """What was written down is of an earlier run."""
    _file(home).unlink(missing_ok=True)


def read_address(home: Path) -> Address | None:
    """Where it last listened; None when it never did."""
    try:
        return Address(**read_json(_file(home)))
    except TypeError:
        return None


def why_not_ready(home: Path) -> str:
    """What it lacks by its own page; empty when it takes events."""
    address = read_address(home)
    if address is None:
        return "not started"
    try:
        status, said = _page(address, "/health/ready")
    except (OSError, http.client.HTTPException, ValueError):
        return "not started"
    return "" if status == http.HTTPStatus.OK else str(said.get("missing") or f"its page answers {status}")[:SAID_CHARS]


def line_of(home: Path, state: StageState | None, *, wanted: bool, running: bool = False) -> IntakeLine:
    """How it is: ``state`` is what the supervisor wrote, ``wanted`` whether the settings ask for it.

    ``running`` says that the stages run; when they do without it, they were started by other settings.
    """
    keys, wrong = _keys(home)
    if state is None:
        start = "`hypercare down`, then `hypercare up`" if running else "`hypercare up`"
        return IntakeLine("stopped" if wanted else "off", keys=keys, note=wrong, next=start if wanted else "")
    alive = state.state == "running"
    words = last_words(Path(state.log), state.ended_at) if (state.exit_code or 0) > 0 else None
    note = (why_not_ready(home) if alive else state.last_exit) or wrong
    address = read_address(home) if alive else None
    return IntakeLine(
        state=state.state,
        address=str(address or ""),
        keys=keys,
        restarts=state.restarts,
        note=note,
        pid=state.pid,
        last_exit=state.last_exit,
        last_exit_code=state.exit_code,
        problem=words.problem if words else "",
        next=_next(state, note, words, keys),
    )


def _next(state: StageState, note: str, words: LastWords | None, keys: int) -> str:
    problem = words.problem if words else state.last_exit
    if state.state == "needs a person":
        do = f"{words.fix}; then" if words and words.fix else f"see {state.log}; when it is mended:"
        return f"{problem.rstrip('.')}: {do} `hypercare restart {INTAKE}`"
    if state.state == "stopped":
        return f"`hypercare restart {INTAKE}`"
    if crashes_again(state.state, state.restarts, note):
        return f"it ends each time it is started ({problem}): see {state.log}"
    return "" if keys else f"nobody may send yet, make a key: {MAKE_A_KEY}"


def told(line: IntakeLine) -> list[str]:
    """The intake in a line or two, as `status` prints it: our own words, in which there is nothing to mask."""
    if line.state == "off":
        return []
    keys = f"{line.keys} key{'' if line.keys == 1 else 's'}"
    said = [f"{INTAKE:<18} {line.state:<14} {line.address or '-':<24} {keys}, restarts {line.restarts}  {line.note}"]
    return [said[0].rstrip(), *([f"    → {line.next}"] if line.next else [])]


def _keys(home: Path) -> tuple[int, str]:
    """How many keys are in force, and why that cannot be told."""
    try:
        return sum(key.revoked_at is None for key in read_keys(home / NAME)), ""
    except Stop as stop:
        return 0, stop.problem


def _page(address: Address, path: str) -> tuple[int, dict[str, object]]:
    """Ask itself, and nobody in between; its certificate is not looked at, for nothing secret is said."""
    host = _EVERYWHERE.get(address.host, address.host)
    context = ssl._create_unverified_context() if address.tls else None  # noqa: S323, SLF001 - see above
    connection = (
        http.client.HTTPSConnection(host, address.port, timeout=TIMEOUT_S, context=context)
        if address.tls
        else http.client.HTTPConnection(host, address.port, timeout=TIMEOUT_S)
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        said = json.loads(answer.read(MAX_PAGE_BYTES))
        return answer.status, said if isinstance(said, dict) else {}
    finally:
        connection.close()


def _file(home: Path) -> Path:
    return home / "run" / "intake.json"
