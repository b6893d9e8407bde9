"""Placeholder."""

from pathlib import Path


def write_env(folder: Path, *, force: bool = False) -> Path:
    raise SystemExit(f"{folder} {force}")
