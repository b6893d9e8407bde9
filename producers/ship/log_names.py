"""Which log a file belongs to, whatever rotation made of its name."""

from __future__ import annotations

import re
from pathlib import Path

PACKED = (".gz", ".bz2", ".xz")
_NUMBERED = re.compile(r"[.\-_](?:\d{1,14}(?:[-_.T:]\d{1,9}){0,6}|old|prev)$")
"""``access.log.1``, ``access.log-20260615``, ``access.log.2026-06-15-09``, ``access.log.old``."""
_DATED_INSIDE = re.compile(r"(.+)-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}(\.[A-Za-z]{1,10})")
"""``access-2026-06-15T09-00-00.000.log``, as the usual rotating writer of Go programs has it."""


def log_name(path: str) -> str:
    """Path of the log that this file is, or is an older part of: ``access.log`` for ``access.log.2.gz``."""
    file = Path(path)
    name = file.name
    for ending in PACKED:
        name = name.removesuffix(ending)
    if found := _DATED_INSIDE.fullmatch(name):
        name = found[1] + found[2]
    stem = _NUMBERED.sub("", name)
    return str(file.with_name(stem or name))
