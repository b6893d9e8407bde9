"""Where one set of local engines keeps everything, and as whom it runs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hypercare.engines.settings import EngineSettings
from hypercare.engines.unprivileged import Account, account_for_engines, can_enter

# Where root's engines live when the wanted folder lies behind one that they may not enter, such as /root.
ROOT_HOMES = Path("/var/lib/hypercare")
ROOT_CACHE = Path("/var/cache/hypercare")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one instance; ``note`` says why they are not the ones that were asked for."""

    home: Path
    cache: Path
    account: Account | None = None
    note: str = ""

    @property
    def lock(self) -> Path:
        """The lock that whoever starts or stops the engines holds."""
        return self.home / "engines.lock"

    @property
    def ports(self) -> Path:
        """The remembered ports."""
        return self.home / "ports.json"

    @property
    def cache_lock(self) -> Path:
        """The lock that whoever downloads holds."""
        return self.cache / "download.lock"

    def folder(self, engine: str) -> Path:
        """Return where ``engine`` keeps its configuration and data."""
        return self.home / engine

    def log(self, engine: str) -> Path:
        """Return what ``engine`` printed since its last start."""
        return self.home / "logs" / f"{engine}.log"

    def record(self, engine: str) -> Path:
        """Return the note of which process runs ``engine``."""
        return self.home / "run" / f"{engine}.json"

    def prepare(self) -> None:
        """Make the home: others may pass through it to the engines' folders, not look into it."""
        self.home.mkdir(parents=True, exist_ok=True)
        if self.account is not None:
            self.home.chmod(0o711)


def settle(
    settings: EngineSettings, *, effective_uid: int | None = None, environ: Mapping[str, str] = os.environ
) -> Place:
    """Find the folders for ``settings``: those asked for, unless the engines' user cannot enter them.

    The rule looks only at folders that exist, so the same settings lead to the same place at every call.
    """
    uid = os.geteuid() if effective_uid is None else effective_uid
    account = account_for_engines(effective_uid=uid, environ=environ)
    home, cache = settings.home.absolute(), settings.cache.absolute()
    if account is None:
        return Place(home=home, cache=cache)
    notes: list[str] = []
    if not can_enter(home.parent, account):
        own = ROOT_HOMES / hashlib.sha256(str(home).encode()).hexdigest()[:8]
        notes.append(f"{own} instead of {home}")
        home = own
    if not can_enter(cache, account):
        notes.append(f"{ROOT_CACHE} instead of {cache}")
        cache = ROOT_CACHE
    why = f"The engines run as {account.name}, who cannot enter every folder asked for: using " if notes else ""
    return Place(home=home, cache=cache, account=account, note=why + " and ".join(notes) + "." * bool(notes))
