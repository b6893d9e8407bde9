"""The note of a process that we started: enough to know it again, and never to take a stranger for it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from hypercare.engines.atomic_file import read_json, write_json

# Start times are counted from boot and shift by up to a second when the clock is set; process ids do not come
# round again within two.
SAME_START_S = 2.0


@dataclass(frozen=True, slots=True)
class Member:
    """One process: its id says where, its start time (seconds since 1970) says that it is still the same."""

    pid: int
    created: float


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One engine's process; ``children`` are noted so that they are found when their parent is gone."""

    title: str
    leader: Member
    command: tuple[str, ...]
    ports: dict[str, int]
    log: str
    children: tuple[Member, ...] = field(default=())


def living(member: Member) -> psutil.Process | None:
    """Return the process of ``member``, or None when it ended or its id belongs to another by now."""
    try:
        process = psutil.Process(member.pid)
        same = abs(process.create_time() - member.created) < SAME_START_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def family(record: ProcessRecord) -> list[psutil.Process]:
    """Return all living processes of ``record``: leader, descendants, and noted children left alone."""
    found: dict[int, psutil.Process] = {}
    for member in (record.leader, *record.children):
        process = living(member)
        if process is None:
            continue
        found[process.pid] = process
        try:
            found.update({child.pid: child for child in process.children(recursive=True)})
        except psutil.Error:
            continue
    return list(found.values())


def is_running(record: ProcessRecord | None) -> bool:
    """Tell whether the process in ``record`` is there and ours."""
    return record is not None and living(record.leader) is not None


def member_of(process: psutil.Process) -> Member:
    """Return what identifies ``process``."""
    return Member(pid=process.pid, created=process.create_time())


def write_record(file: Path, record: ProcessRecord) -> None:
    """Note ``record`` in ``file``."""
    write_json(file, asdict(record))


def read_record(file: Path) -> ProcessRecord | None:
    """Return the record in ``file``, or None when there is none that can be read."""
    said = read_json(file)
    try:
        return ProcessRecord(
            title=str(said["title"]),
            leader=Member(**said["leader"]),
            command=tuple(said["command"]),
            ports={str(name): int(port) for name, port in said["ports"].items()},
            log=str(said["log"]),
            children=tuple(Member(**child) for child in said["children"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
