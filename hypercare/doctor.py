"""Look over this machine: what hypercare needs, what is there, and how to mend what is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from contracts.errors import Stop
from hypercare.engines.distributions import ELASTICSEARCH_8, ELASTICSEARCH_9, KAFKA, Distribution
from hypercare.engines.docker import missing_for_docker
from hypercare.engines.download import FreeBytes, free_bytes, nearest_existing, state_of
from hypercare.engines.elasticsearch_node import written_by
from hypercare.engines.engine import EngineStatus
from hypercare.engines.equip import equip_elasticsearch
from hypercare.engines.java import INSTALL_JAVA, installed_jvms
from hypercare.engines.local import ENGINES, PORTS, LocalEngines
from hypercare.engines.lock import holder
from hypercare.engines.maven import INSTALL_MAVEN, find_maven
from hypercare.engines.place import Place
from hypercare.engines.ports import is_free, remembered
from hypercare.engines.process_record import family, is_running, read_record
from hypercare.engines.settings import EngineSettings

State = Literal["ok", "missing", "broken", "optional"]
MB = 1_000_000
PYTHON = (3, 11)
JAVA = ELASTICSEARCH_9.java
JAVA_AT_LEAST = ELASTICSEARCH_8.java
# What a run with the demo's data adds to the home, with room to breathe.
HOME_BYTES = 2_000 * MB
# Both heaps, what a JVM takes beside its heap, and the stages.
MEMORY_BYTES = 3_000 * MB


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``found`` says what is there, ``fix`` how to mend it, empty when all is well."""

    part: str
    state: State
    found: str
    fix: str = ""


def examine(
    settings: EngineSettings,
    *,
    environ: Mapping[str, str] = os.environ,
    free: FreeBytes = free_bytes,
    effective_uid: int | None = None,
) -> tuple[Finding, ...]:
    """Return what was found, the ground first and the running engines last; nothing is changed."""
    engines = LocalEngines(settings, environ=environ, effective_uid=effective_uid)
    place = engines.place
    wanted = (KAFKA, _elasticsearch(settings, place, environ))
    return (
        _python(),
        _java(environ),
        _maven(environ),
        _docker(),
        _memory(),
        *_disk(place, free, wanted),
        *_downloads(place, wanted),
        _permission(place),
        *_locks(place),
        *_processes(place),
        *_ports(place),
        *(_engine(status) for status in engines.status()),
    )


def _python() -> Finding:
    found = f"Python {sys.version.split()[0]} in {sys.executable}"
    if sys.version_info >= PYTHON:
        return Finding("python", "ok", found)
    return Finding("python", "broken", found, fix="Install Python 3.11 or later.")


def _java(environ: Mapping[str, str]) -> Finding:
    try:
        jvms = installed_jvms(environ)
    except Stop as stop:
        return Finding("java", "broken", stop.problem, fix=stop.fix)
    found = ", ".join(f"Java {jvm.major} in {jvm.home}" for jvm in jvms)
    newest = max((jvm.major for jvm in jvms), default=0)
    if newest >= JAVA:
        return Finding("java", "ok", found)
    if newest >= JAVA_AT_LEAST:
        older = f"{found}; enough for {ELASTICSEARCH_8.title}, {ELASTICSEARCH_9.title} needs Java {JAVA}"
        return Finding("java", "optional", older, fix=INSTALL_JAVA)
    return Finding("java", "missing", found or "none found", fix=INSTALL_JAVA)


def _maven(environ: Mapping[str, str]) -> Finding:
    try:
        return Finding("maven", "ok", find_maven(environ))
    except Stop:
        return Finding("maven", "missing", "mvn is not on the PATH", fix=INSTALL_MAVEN)


def _docker() -> Finding:
    problem = missing_for_docker()
    if not problem:
        return Finding("docker", "ok", "a Docker engine answers, docker compose is there")
    return Finding("docker", "optional", problem, fix="Start Docker if you want the engines in containers.")


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    found = f"{memory.available / MB:,.0f} MB of {memory.total / MB:,.0f} MB available"
    if memory.available >= MEMORY_BYTES:
        return Finding("memory", "ok", found)
    fix = f"Close programs: Kafka, Elasticsearch and the stages want {MEMORY_BYTES / MB:,.0f} MB."
    return Finding("memory", "broken", found, fix=fix)


def _elasticsearch(settings: EngineSettings, place: Place, environ: Mapping[str, str]) -> Distribution:
    """The one that a start would take; the newest where none can be."""
    try:
        jvms = installed_jvms(environ)
        version, data = settings.elasticsearch_version, written_by(place)
        return equip_elasticsearch(jvms, place.account, version=version, written_by=data).distribution
    except Stop:
        return ELASTICSEARCH_9


def _disk(place: Place, free: FreeBytes, wanted: Sequence[Distribution]) -> Iterator[Finding]:
    missing = sum(what.needed_bytes for what in wanted if state_of(what, place.cache)[0] != "whole")
    folders = (
        ("cache", place.cache, missing, "HYPERCARE_CACHE"),
        ("home", place.home, HOME_BYTES, "HYPERCARE_HOME"),
    )
    for name, folder, needed, variable in folders:
        there = free(folder)
        found = f"{there / MB:,.0f} MB free in {folder}, {needed / MB:,.0f} MB wanted"
        fix = f"Free some space, or set {variable} to a folder on a larger disk."
        enough = there >= needed
        yield Finding(f"disk for {name}", "ok" if enough else "broken", found, fix="" if enough else fix)


def _downloads(place: Place, wanted: Sequence[Distribution]) -> Iterator[Finding]:
    for what in (KAFKA, ELASTICSEARCH_9, ELASTICSEARCH_8):
        state, size = state_of(what, place.cache)
        part = f"download of {what.title}"
        if state == "whole":
            yield Finding(part, "ok", f"whole, {size / MB:,.0f} MB in {place.cache / what.name}")
        elif state == "half":
            fix = "Nothing to do: the next start finishes it or fetches it anew."
            yield Finding(part, "optional", f"half, {size / MB:,.0f} MB", fix=fix)
        elif what in wanted:
            fix = f"Nothing to do: the first start of local engines fetches {what.download_bytes / MB:,.0f} MB."
            yield Finding(part, "optional", "absent", fix=fix)


def _permission(place: Place) -> Finding:
    user = f"engines run as {place.account.name}, not as root" if place.account else "engines run as you"
    found = f"{user}, home {place.home}, cache {place.cache}" + (f" ({place.note})" if place.note else "")
    closed = [folder for folder in (place.home, place.cache) if not _writable(folder)]
    if not closed:
        return Finding("permission", "ok", found)
    names = " and ".join(str(folder) for folder in closed)
    fix = "Make them yours with `chown`, or set HYPERCARE_HOME and HYPERCARE_CACHE to folders of yours."
    return Finding("permission", "broken", f"{found}; no right to write to {names}", fix=fix)


def _writable(folder: Path) -> bool:
    return os.access(nearest_existing(folder), os.W_OK | os.X_OK)


def _locks(place: Place) -> Iterator[Finding]:
    for file in (place.lock, place.cache_lock):
        who = holder(file)
        if who is not None:
            fix = f"Wait for it, or see what it does with `ps -fp {who.pid}`."
            yield Finding("lock", "optional", f"{file} is held by process {who.pid}, {who.doing}", fix=fix)


def _processes(place: Place) -> Iterator[Finding]:
    for engine in ENGINES:
        record = read_record(place.record(engine))
        if record is None or is_running(record):
            continue
        left = ", ".join(str(process.pid) for process in family(record))
        found = f"process {record.leader.pid} ended by itself" + (f", leaving {left}" if left else "")
        fix = f"Read {record.log}; the next start clears this away."
        yield Finding(f"{engine} process", "broken", found, fix=fix)


def _ports(place: Place) -> Iterator[Finding]:
    known = remembered(place.ports)
    for engine in ENGINES:
        if is_running(read_record(place.record(engine))):
            continue
        for name in PORTS[engine]:
            if name in known and not is_free(known[name]):
                found = f"{known[name]} is used by another program"
                fix = "Nothing to do: the next start takes another port. Or end that program to keep this one."
                yield Finding(f"port of {name}", "optional", found, fix=fix)


def _engine(status: EngineStatus) -> Finding:
    if status.health == "running":
        return Finding(status.engine, "ok", f"{status.endpoint}, {status.detail}")
    if status.health == "stopped":
        return Finding(status.engine, "optional", status.detail, fix="Start it with `hypercare up`.")
    fix = "Read its log; restart it with `hypercare down` and `hypercare up`."
    return Finding(status.engine, "broken", f"{status.endpoint}, {status.detail}", fix=fix)
