"""Start, stop and kill a process of ours, by its id and start time, never by its name."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import subprocess
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from contracts.errors import Stop
from hypercare.engines.process_record import (
    Member,
    ProcessRecord,
    family,
    living,
    member_of,
    read_record,
    write_record,
)
from hypercare.engines.unprivileged import Account

GRACE_S = 30.0
KILL_WAIT_S = 10.0
POLL_S = 0.05
LOG_TAIL_LINES = 15


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything needed to start one process and to know it again."""

    title: str
    command: tuple[str, ...]
    folder: Path
    environ: Mapping[str, str]
    ports: dict[str, int]
    log: Path
    record: Path
    account: Account | None = None


def launch(what: Launch) -> ProcessRecord:
    """Start a process that outlives us, its output in the log, and note it before anything else."""
    what.log.parent.mkdir(parents=True, exist_ok=True)
    if what.log.exists():
        what.log.replace(what.log.with_suffix(".previous.log"))
    pid = _spawn(what)
    record = ProcessRecord(
        title=what.title,
        leader=_member(pid),
        command=what.command,
        ports=what.ports,
        log=str(what.log),
    )
    write_record(what.record, record)
    return record


def note_children(file: Path) -> None:
    """Add the children that the recorded process has by now, so that they are found should it die alone."""
    record = read_record(file)
    if record is None:
        return
    children = tuple(_members(family(record), without=record.leader.pid))
    write_record(file, dataclasses.replace(record, children=children))


def stop(*files: Path, grace_s: float = GRACE_S) -> None:
    """End the recorded processes and their children: ask first, then force; a stale record just goes."""
    records = [record for file in files if (record := read_record(file))]
    processes = [process for record in records for process in family(record)]
    for process in processes:
        _signal(process, force=False)
    _force(_still_there(processes, patience_s=grace_s))
    _reap(records)
    for file in files:
        file.unlink(missing_ok=True)


def kill(file: Path) -> None:
    """End the recorded process and its children at once, as a crash would; the record stays, as after one."""
    record = read_record(file)
    if record is not None:
        _force(family(record))
        _reap([record])


def last_lines(log: Path, count: int = LOG_TAIL_LINES) -> str:
    """Return the end of a log, for showing beside the reason why a start failed."""
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, maxlen=count)).rstrip()
    except OSError:
        return ""


def failed_start(title: str, log: Path, why: str) -> Stop:
    """Build the error for an engine that did not come up, with the end of its log."""
    tail = last_lines(log)
    shown = f" The last lines of its log:\n{tail}" if tail else " Its log is empty."
    return Stop(f"{title} {why}.{shown}", fix=f"Read {log}, mend the cause, start again.")


def _spawn(what: Launch) -> int:
    account = what.account
    try:
        with what.log.open("wb") as output:
            process = subprocess.Popen(
                what.command,
                cwd=what.folder,
                env=dict(what.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
    except OSError as error:
        raise Stop(
            f"{what.title} could not be started: {error}.", fix=f"Check that {what.command[0]} can be run."
        ) from error
    # It is meant to outlive us: without this, Python warns of a process left running.
    process.returncode = 0
    return process.pid


def _member(pid: int) -> Member:
    try:
        return member_of(psutil.Process(pid))
    except psutil.Error:
        # It ended within the first instant: no process was ever started at time 0, so nothing will match it.
        return Member(pid=pid, created=0.0)


def _members(processes: list[psutil.Process], *, without: int) -> list[Member]:
    members: list[Member] = []
    for process in processes:
        try:
            if process.pid != without:
                members.append(member_of(process))
        except psutil.Error:
            continue
    return members


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        if force:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        pass
    except psutil.AccessDenied as error:
        raise Stop(
            f"Process {process.pid} belongs to another user, so it cannot be stopped.",
            fix="Stop the engines as the user who started them.",
        ) from error


def _force(processes: list[psutil.Process]) -> None:
    for process in processes:
        _signal(process, force=True)
    _still_there(processes, patience_s=KILL_WAIT_S)


def _reap(records: list[ProcessRecord]) -> None:
    # An ended child stays in the process table until its parent, if that is us, takes its exit status.
    for record in records:
        if living(record.leader) is None:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(record.leader.pid, os.WNOHANG)


def _still_there(processes: list[psutil.Process], *, patience_s: float) -> list[psutil.Process]:
    deadline = time.monotonic() + patience_s
    left = [process for process in processes if not _ended(process)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_S)
        left = [process for process in left if not _ended(process)]
    return left


def _ended(process: psutil.Process) -> bool:
    try:
        # Takes the exit status if it is a child of ours.
        process.wait(timeout=0)
    except psutil.TimeoutExpired:
        return not process.is_running() or _is_empty_shell(process)
    except psutil.NoSuchProcess:
        return True
    return True


def _is_empty_shell(process: psutil.Process) -> bool:
    # Another parent may leave a zombie, which is as good as ended once its last thread is gone: until then its
    # ports and files stay open.
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1)
    except psutil.NoSuchProcess:
        return True
