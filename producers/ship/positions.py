"""How far each file was shipped: one small file each, replaced whole, so that a crash leaves the old one or the new."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from contracts.errors import Stop

VERSION = 1
KEPT_S = 30 * 86_400.0
"""A file that has been gone for so long does not come back from rotation: logs are rarely rotated less than monthly."""
MOST_POSITIONS = 10_000


@dataclass(frozen=True, slots=True)
class Position:
    """A file and how far it was shipped.

    ``offset`` is the byte, of the unpacked file, before which every line is in Kafka, and ``line`` how many lines that
    is. ``mark`` is of the ``mark_bytes`` bytes before it, ``title`` of the first line; positions kept by earlier
    versions have neither. ``retired`` says that the file was rotated away and read to its end.
    """

    identity: str
    log: str
    path: str
    device: int
    inode: int
    head: str
    head_bytes: int
    offset: int = 0
    line: int = 0
    adapter: str = ""
    retired: bool = False
    seen_at: float = 0.0
    written_at: float = 0.0
    mark: str = ""
    mark_bytes: int = 0
    title: str = ""


class Positions:
    """The positions in a folder, by identity."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Stop(
                f"Positions cannot be kept in {folder}: {error.strerror}",
                fix="set HYPERCARE_HOME to a folder that may be written to",
            ) from None

    def load(self) -> dict[str, Position]:
        """Every position; raise `Stop` for one that cannot be read, for to begin anew would send everything again."""
        found = {}
        for file in sorted(self._folder.glob("*.json")):
            position = _read(file)
            found[position.identity] = position
        return found

    def save(self, position: Position) -> None:
        """Replace one position."""
        file = self._folder / f"{position.identity}.json"
        draft = file.with_suffix(".draft")
        try:
            with draft.open("w", encoding="utf-8") as made:
                json.dump({"version": VERSION, **asdict(position)}, made)
                made.flush()
                os.fsync(made.fileno())
            draft.replace(file)
        except OSError as error:
            raise Stop(
                f"The position in {position.path} cannot be kept in {self._folder}: {error.strerror}",
                fix="make room there, then start again: it goes on where it is known to have been",
            ) from None

    def forget_old(self, now: float) -> int:
        """Remove what has not been seen for long, and the longest unseen beyond the most that are kept."""
        newest = sorted(self.load().values(), key=lambda position: -position.seen_at)
        old = [p for number, p in enumerate(newest) if number >= MOST_POSITIONS or now - p.seen_at > KEPT_S]
        for position in old:
            (self._folder / f"{position.identity}.json").unlink(missing_ok=True)
        return len(old)


def _read(file: Path) -> Position:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said.pop("version") != VERSION:
            raise ValueError("another version")  # noqa: TRY301 - one answer for all that is wrong with it
        return Position(**said)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise Stop(
            f"The position in {file} cannot be read: {error}",
            fix="mend the file, or remove it: then that log is shipped from its start again, under the same ids",
        ) from None
