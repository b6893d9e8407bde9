"""How the supervisor is told to restart or stop one stage: a small file for each stage, taken within a moment.

Files rather than signals: they name the stage, survive a supervisor that is busy, and work for whoever may write
to the home. The supervisor removes a request once what it changed is written down, so a request that is gone is
one that `read_states` knows of.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast, get_args

from hypercare.engines.atomic_file import read_json, write_json

Action = Literal["restart", "stop"]
FOLDER = "requests"
_SUFFIX = ".json"


def ask(home: Path, stage: str, action: Action) -> None:
    """Leave a request; a later one for the same stage takes the place of an earlier."""
    write_json(_file(home, stage), {"action": action})


def pending(home: Path) -> Iterator[tuple[str, Action]]:
    """Requests not yet carried out; what cannot be read is thrown away."""
    for file in sorted((home / FOLDER).glob(f"[!.]*{_SUFFIX}")):
        action = read_json(file).get("action")
        if action in get_args(Action):
            yield file.name.removesuffix(_SUFFIX), cast(Action, action)
        else:
            file.unlink(missing_ok=True)


def done(home: Path, stage: str) -> None:
    """Remove a request that was carried out or withdrawn."""
    _file(home, stage).unlink(missing_ok=True)


def is_pending(home: Path, stage: str) -> bool:
    """Whether the supervisor has not taken the request yet."""
    return _file(home, stage).exists()


def _file(home: Path, stage: str) -> Path:
    return home / FOLDER / f"{stage}{_SUFFIX}"
