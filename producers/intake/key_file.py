"""Where keys are kept: one JSON file, readable by its owner alone, replaced in one step.

The intake looks at it again when it has changed, at most a second later: a revoked key needs no restart.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.cloudevents import said_of
from contracts.errors import Stop
from producers.intake.keys import Key, Ring

NAME = "intake-keys.json"
LOOK_EVERY_S = 1.0


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = 1
    keys: tuple[Key, ...] = ()


def read_keys(file: Path) -> tuple[Key, ...]:
    """Every key, the revoked ones too; none without the file. Raise `Stop` when it cannot be used."""
    try:
        said = file.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise Stop(f"The keys in {file} cannot be read: {error.strerror}", fix="give this user the right to") from error
    try:
        return _Kept.model_validate_json(said).keys
    except ValidationError as error:
        wrong = said_of(error.errors(include_url=False, include_input=False, include_context=False)[0])
        raise Stop(
            f"The keys in {file} cannot be used: {wrong}", fix="put back a copy of it, or remove it and make new keys"
        ) from None


def change_keys(file: Path, change: Callable[[tuple[Key, ...]], tuple[Key, ...]]) -> tuple[Key, ...]:
    """Read, change and write all keys, one process at a time; after a crash the file is the old one or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _alone(file):
        keys = change(read_keys(file))
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mode 600
        draft = Path(name)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(_Kept(keys=keys).model_dump_json(indent=1).encode() + b"\n")
                opened.flush()
                os.fsync(opened.fileno())
            draft.replace(file)
        finally:
            draft.unlink(missing_ok=True)
    return keys


class KeyFile:
    """The keys as they are now; ``clock`` gives seconds, for how often the file is looked at."""

    def __init__(self, file: Path, clock: Callable[[], float]) -> None:
        self._file = file
        self._clock = clock
        self._looked_at = float("-inf")
        self._seen: tuple[int, int, int] | None = None
        self._ring = Ring({})

    def ring(self) -> Ring:
        """All keys; raise `Stop` when the file is there and cannot be used: nobody is let in by an old copy."""
        now = self._clock()
        if now - self._looked_at < LOOK_EVERY_S:
            return self._ring
        state = self._state()
        if state != self._seen or state is None:
            self._ring = Ring({})
            self._ring = Ring({key.id: key for key in read_keys(self._file)})
            self._seen = state
        self._looked_at = now
        return self._ring

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    with file.with_name(f".{file.name}.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
