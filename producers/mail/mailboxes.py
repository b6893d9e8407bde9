"""Raw mails out of a file, a folder of files, a maildir or an mbox; nothing in them is changed or moved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from contracts.errors import Rejected, Stop
from producers.files import open_lines
from producers.mail.message import MAX_BYTES

_MAILDIR = ("cur", "new")


class RawMail(NamedTuple):
    """A mail, where it lies, and which of that file it is."""

    name: str
    number: int
    raw: bytes
    fault: Rejected | None = None


def mails_in(path: str) -> Iterator[RawMail]:
    """Every mail under a path; raise `Stop` when there is nothing there that may be read."""
    place = Path(path)
    if not place.exists():
        raise Stop(f"cannot read {path}: it is not there", fix="name a file, a maildir or an mbox")
    if not place.is_dir():
        yield from _mails_of_file(place)
        return
    boxes = [place / name for name in _MAILDIR if (place / name).is_dir()]
    for folder in boxes or [place]:
        for file in sorted(folder.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                yield from _mails_of_file(file)


def _mails_of_file(file: Path) -> Iterator[RawMail]:
    try:
        with file.open("rb") as opened:
            start = opened.read(6)
    except OSError as error:
        raise Stop(f"cannot read {file}: {error.strerror}", fix="check its permissions") from None
    packed = start.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ"))
    if start.startswith(b"From ") or packed:
        yield from _mails_of_mbox(str(file))
        return
    if file.stat().st_size > MAX_BYTES:
        fault = Rejected("too_large", f"{file.stat().st_size} bytes, at most {MAX_BYTES} are taken of a mail")
        with file.open("rb") as opened:
            yield RawMail(file.name, 1, opened.read(65_536), fault)
        return
    yield RawMail(file.name, 1, file.read_bytes())


def _mails_of_mbox(path: str) -> Iterator[RawMail]:
    """Split at ``From `` after an empty line; ``>From `` is undone (mboxrd, RFC 4155)."""
    name, number = Path(path).name, 0
    lines: list[bytes] = []
    size, blank = 0, True
    with open_lines(path, max_line_bytes=MAX_BYTES) as read:
        for line in read:
            if blank and line.data.startswith(b"From ") and (lines or not number):
                if lines:
                    yield _of_lines(name, number, lines, size)
                lines, size, number = [], 0, number + 1
            else:
                size += len(line.data) + 1
                if size <= MAX_BYTES:
                    lines.append(_unquoted(line.data))
            blank = not line.data.strip()
    if lines:
        yield _of_lines(name, max(1, number), lines, size)


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(b"From ") else line


def _of_lines(name: str, number: int, lines: list[bytes], size: int) -> RawMail:
    fault = (
        Rejected("too_large", f"{size} bytes, at most {MAX_BYTES} are taken of a mail") if size > MAX_BYTES else None
    )
    raw = b"\n".join(lines)
    return RawMail(name, number, raw[:65_536] if fault else raw, fault)
