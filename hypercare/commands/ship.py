"""``hypercare ship``: files that grow, into Kafka."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, cast, get_args
from urllib.parse import quote

import typer
from rich.markup import escape

from contracts.errors import Stop, Unavailable
from hypercare.byte_writer import ByteWriter
from hypercare.commands.console import Project, err, kafka_of, out
from hypercare.late import shipped_late
from hypercare.service import Service
from hypercare.settings import read_settings
from hypercare.shipping.parsers import HereParser, Parser, PoolParser
from hypercare.shipping.ports import F, Following
from hypercare.shipping.shipment import Shipment
from hypercare.shipping.shipped import Shipped
from hypercare.shipping.topics import TopicFollower
from hypercare.topic_reader import TopicReader
from producers.importing import Kind
from producers.ship.follow import Follower
from producers.ship.locks import Locks
from producers.ship.parse import Owner, adapter_of
from producers.ship.positions import Positions

Patterns = Annotated[
    list[str] | None, typer.Argument(help="files or patterns, in quotes: 'logs/*.log'; they may come later")
]


def ship(
    files: Patterns = None,
    *,
    topic: Annotated[
        str, typer.Option(help="instead of files: a topic that a gateway or another system writes, in its own format")
    ] = "",
    kafka_of_topic: Annotated[
        str, typer.Option("--from", help="bootstrap list of the Kafka with that topic; left out, our own")
    ] = "",
    once: Annotated[bool, typer.Option("--once", help="to the end of what is there, then stop")] = False,
    kind: Annotated[str, typer.Option(help="what the lines are: calls, or feedback or signals in our contract")] = (
        "calls"
    ),
    log_format: Annotated[str, typer.Option("--format", help="name of the format; left out, it is detected")] = "",
    tenant: Annotated[str, typer.Option(help="tenant the events belong to")] = "default",
    project: Project = "default",
    environment: Annotated[str, typer.Option(help="environment of the events")] = "production",
    host: Annotated[str, typer.Option(help="name of this machine in ids and origins; left out, its own")] = "",
    workers: Annotated[int, typer.Option(help="processes that read lines; 1: this one only", min=1, max=64)] = 1,
) -> None:
    """Follow files that grow, across rotation and restart: every line in Kafka, none twice as an event."""
    if kind not in get_args(Kind):
        raise Stop(f"There is no kind {kind!r}.", fix="choose calls, feedback or signals", exit_code=2)
    owner = Owner(cast("Kind", kind), tenant, project, environment, log_format)
    if log_format:
        adapter_of(owner.kind, log_format)
    service = Service(read_settings())
    kafka, folder = kafka_of(service), service.settings.home / "ship"
    name = host or socket.gethostname()
    origin = f"urn:hypercare:ship:{quote(name, safe='.-_~')}"
    positions, locks = Positions(folder / "positions"), Locks(folder / "locks")
    positions.forget_old(time.time())
    if bool(files) == bool(topic):
        raise Stop("Name files to follow, or a topic with --topic.", fix="see `hypercare ship --help`", exit_code=2)
    _check(kafka, service.settings.topic_prefix + owner.topic, once=once)
    how = _How(
        owner, origin, positions, _parser(owner, origin, workers), lambda: ByteWriter(kafka),
        service.settings.topic_prefix,
    )  # fmt: skip
    try:
        if topic:
            with TopicReader(kafka_of_topic or kafka) as reader:
                _run(how, TopicFollower(topic, reader, positions, locks, once=once), topic, once=once)
        else:
            names = files or []
            _check_files(names, {position.log for position in positions.load().values()}, once=once)
            _run(how, Follower(names, positions, locks, name, once=once), ", ".join(names), once=once)
    finally:
        locks.close()


def _check_files(files: list[str], known: set[str], *, once: bool) -> None:
    """Say which names lead nowhere so far: a log may come later, but not when only what is there is wanted.

    One that was shipped before may just have been rotated away.
    """
    for name in files:
        if Path(name).is_dir():
            raise Stop(f"{name} is a folder.", fix=f"name its files: '{name.rstrip('/')}/*.log'", exit_code=2)
    absent = [
        name
        for name in files
        if not Path(name).exists()
        and not any(mark in name for mark in "*?[")
        and str(Path(name).absolute()) not in known
    ]
    if absent and once:
        raise Stop(f"There is no file {absent[0]}.", fix="check the path", exit_code=2)
    for name in absent:
        err.print(escape(f"{name} is not there yet; it is waited for"))


def _check(kafka: str, topic: str, *, once: bool) -> None:
    """Whether there is anything to ship to: a missing topic ends it, a Kafka that is away does only with --once."""
    try:
        with TopicReader(kafka) as reader:
            if not reader.partitions(topic):
                raise Stop(f"Kafka has no topic {topic}.", fix="make it with `hypercare topics apply`")
    except Unavailable as away:
        if once:
            raise
        err.print(escape(f"{away}; it is waited for, and nothing is lost meanwhile"))


@dataclass(frozen=True, slots=True)
class _How:
    owner: Owner
    origin: str
    positions: Positions
    parser: Parser
    writer: Callable[[], ByteWriter]
    prefix: str


def _run(how: _How, follower: Following[F], what: str, *, once: bool) -> None:
    shipment = Shipment(
        follower,
        how.positions,
        how.owner,
        how.origin,
        parser=how.parser,
        writer=how.writer,
        prefix=how.prefix,
        clock=time.time,
        say=lambda line: err.print(escape(line)),
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: shipment.stop())
    if not once:
        err.print(f"Following {escape(what)} (process {os.getpid()}); stop it with Ctrl-C or kill.")
    shipment.run(once=once)
    _tell(shipment.shipped, how.origin)


def _parser(owner: Owner, origin: str, workers: int) -> Parser:
    def clock() -> datetime:
        return datetime.now(UTC)

    return HereParser(owner, origin, clock) if workers == 1 else PoolParser(owner, origin, clock, workers)


def _tell(shipped: Shipped, origin: str) -> None:
    for path, adapter in shipped.formats.items():
        out.print(f"  {escape(path)}: {adapter or 'no known format'}")
    out.print(f"{shipped.events:,} events and {shipped.letters:,} dead letters shipped.")
    if shipped.reasons:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in shipped.reasons.most_common())
        out.print(f"  Dead letters: {escape(reasons)}")
        for path, line, reason, detail in shipped.first_rejections:
            out.print(f"    {escape(path)} line {line}: {escape(reason)} {escape(detail[:120])}")
    for said in shipped_late(shipped.late, shipped.old, shipped.events):
        out.print(escape(said))
    out.print(f"See what came of it: [bold]hypercare summary --origin {origin}[/]")
