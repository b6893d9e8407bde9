"""Bring distributions into the cache so that a folder there is either whole or absent.

1. Everything half-finished lives in ``staging/``; a whole install is renamed into the cache in one step.
2. The rename happens after a marker with the number of files and bytes was written into it.
3. A folder whose files do not agree with its marker is not whole: it is removed and fetched again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from contracts.errors import Stop
from hypercare.engines.atomic_file import read_json, write_json
from hypercare.engines.distributions import Distribution
from hypercare.engines.engine import Progress
from hypercare.engines.lock import locked
from hypercare.engines.maven import fetch_with_maven

Fetch = Callable[[Distribution, Path, Callable[[], None]], Path]
FreeBytes = Callable[[Path], int]

State = Literal["whole", "half", "absent"]
MARKER = ".hypercare-install.json"
MB = 1_000_000


def free_bytes(folder: Path) -> int:
    """Return the free disk space in bytes where ``folder`` is or will be."""
    return shutil.disk_usage(nearest_existing(folder)).free


def nearest_existing(folder: Path) -> Path:
    """Return ``folder``, or the nearest of its parents that can be seen to exist."""
    # Path.exists raises behind a closed door; this says no.
    return next(step for step in (folder, *folder.parents) if os.path.exists(step))  # noqa: PTH110


def state_of(what: Distribution, cache: Path) -> tuple[State, int]:
    """Return how much of ``what`` is in the cache: whole, half or absent, and its size in bytes."""
    folder, staging = cache / what.name, _staging(what, cache)
    if os.path.isdir(folder):  # noqa: PTH112 - does not raise behind a closed door
        files, size = _measure(folder)
        agrees = read_json(folder / MARKER) == {"files": files, "bytes": size}
        return ("whole" if agrees else "half"), size
    if os.path.isdir(staging):  # noqa: PTH112 - as above
        return "half", _measure(staging)[1]
    return "absent", 0


def install(
    wanted: Iterable[Distribution],
    cache: Path,
    progress: Progress,
    *,
    fetch: Fetch = fetch_with_maven,
    free: FreeBytes = free_bytes,
) -> None:
    """Make every wanted distribution whole in ``cache``; nothing is asked of anyone when all are."""
    wanted = tuple(wanted)
    if not _missing(wanted, cache):
        return
    with locked(cache / "download.lock", doing="downloading engines", say=progress.say):
        # Whoever held the lock before us may have fetched them.
        missing = _missing(wanted, cache)
        _check_space(missing, cache, free)
        for what in missing:
            _install_one(what, cache, progress, fetch)


def _missing(wanted: Iterable[Distribution], cache: Path) -> tuple[Distribution, ...]:
    return tuple(what for what in wanted if state_of(what, cache)[0] != "whole")


def _install_one(what: Distribution, cache: Path, progress: Progress, fetch: Fetch) -> None:
    shutil.rmtree(cache / what.name, ignore_errors=True)
    staging = _staging(what, cache)
    staging.mkdir(parents=True, exist_ok=True)
    arriving = staging / "maven"
    progress.begin(f"Downloading {what.title}, {what.purpose}", total=what.download_bytes)
    try:
        whole = fetch(what, staging, lambda: progress.advance_to(_measure(arriving)[1]))
        _make_readable(whole)
        files, size = _measure(whole)
        write_json(whole / MARKER, {"files": files, "bytes": size})
        whole.rename(cache / what.name)
    except BaseException:
        progress.end("not finished; the next start goes on from here")
        raise
    shutil.rmtree(staging, ignore_errors=True)
    progress.end(f"done, {size / MB:.0f} MB of it kept in {cache / what.name}")


def _check_space(missing: Iterable[Distribution], cache: Path, free: FreeBytes) -> None:
    needed = sum(what.needed_bytes for what in missing)
    already = sum(_measure(_staging(what, cache))[1] for what in missing)
    there = free(cache)
    if there < needed - already:
        raise Stop(
            f"Not enough disk space in {cache}: {(needed - already) / MB:,.0f} MB are needed "
            f"for the download of the engines, {there / MB:,.0f} MB are free.",
            fix="Free some space, or set HYPERCARE_CACHE to a folder on a larger disk.",
        )


def _staging(what: Distribution, cache: Path) -> Path:
    return cache / "staging" / what.name


def _measure(folder: Path) -> tuple[int, int]:
    """Count files and bytes below ``folder``, the marker aside; files may come and go meanwhile."""
    files = size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if name == MARKER:
                continue
            try:
                size += (Path(parent) / name).stat().st_size
            except FileNotFoundError:
                continue
            files += 1
    return files, size


def _make_readable(folder: Path) -> None:
    # The cache is shared, and root's engines run as another user: a strict umask must not lock them out.
    for parent, _, names in os.walk(folder):
        Path(parent).chmod(0o755)
        for name in names:
            (Path(parent) / name).chmod(0o644)
