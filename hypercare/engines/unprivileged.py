"""Under root the engines run as somebody else: Elasticsearch refuses root, and Kafka does not need it."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = 0


@dataclass(frozen=True, slots=True)
class Account:
    """The user that engine processes run as."""

    name: str
    uid: int
    gid: int


def account_for_engines(*, effective_uid: int, environ: Mapping[str, str]) -> Account | None:
    """Return whom to run the engines as, or None to run them as the present user.

    Root gives way to whoever called sudo, else to ``nobody``.
    """
    if effective_uid != ROOT:
        return None
    caller = environ.get("SUDO_UID", "")
    if caller.isdigit() and int(caller) != ROOT:
        try:
            return _account(pwd.getpwuid(int(caller)))
        except KeyError:
            pass
    return _account(pwd.getpwnam("nobody"))


def can_enter(folder: Path, account: Account | None) -> bool:
    """Tell whether ``account`` may pass through ``folder`` and every existing folder on the way to it.

    None stands for the present user, who is told by the system at the first touch.
    """
    if account is None:
        return True
    absolute = folder.resolve()
    steps = [absolute, *absolute.parents]
    # Path.exists raises behind a closed door; this says no.
    return all(_may_pass(step, account) for step in steps if os.path.exists(step))  # noqa: PTH110


def hand_over(folder: Path, account: Account | None) -> None:
    """Give ``folder`` and all below it to ``account``; nothing to do for the present user."""
    if account is None:
        return
    _give(folder, account)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            _give(os.path.join(parent, name), account)  # noqa: PTH118 - os.walk gives strings, thousands of them


def _give(path: str | Path, account: Account) -> None:
    if os.lstat(path).st_uid != account.uid:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _may_pass(folder: Path, account: Account) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
