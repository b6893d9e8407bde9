"""``hypercare intake``: events over HTTP."""

from __future__ import annotations

import logging
import os
import signal
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.markup import escape

from contracts.errors import Stop
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare.commands.console import kafka_of, out
from hypercare.intake.beside import Address, forget_address, note_address, read_address, why_not_ready
from hypercare.service import Service
from hypercare.settings import INTAKE_PORT, LOOPBACK, Settings, read_settings
from hypercare.supervisor import INTAKE
from processors.runtime import logs
from processors.runtime.ending import EXIT_PERSON, end_process
from producers.intake.app import create_app
from producers.intake.delivery import KafkaOutlet
from producers.intake.intake import Intake
from producers.intake.key_file import NAME, KeyFile
from producers.intake.limits import Limits
from producers.intake.server import Door, server_for

app = typer.Typer(help="Events over HTTP: docs/intake.md.", no_args_is_help=True)
LOOK_EVERY_S = 1.0


@app.callback()
def intake() -> None:
    """Events over HTTP: docs/intake.md."""


@app.command()
def serve(
    *,
    host: Annotated[
        str | None,
        typer.Option(
            help=f"address to listen at, else {LOOPBACK}; others than loopback need TLS", envvar="HYPERCARE_INTAKE_HOST"
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            help=f"else {INTAKE_PORT}; 0 lets the system choose", min=0, max=65_535, envvar="HYPERCARE_INTAKE_PORT"
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(help="certificate chain, PEM", envvar="HYPERCARE_INTAKE_TLS_CERT")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="its private key, PEM", envvar="HYPERCARE_INTAKE_TLS_KEY")
    ] = None,
    cors: Annotated[
        list[str] | None,
        typer.Option(
            help="origin of pages that may send from browsers, such as https://shop.example.com; may be repeated",
            envvar="HYPERCARE_INTAKE_CORS",
        ),
    ] = None,
    without_tls: Annotated[
        bool, typer.Option("--without-tls", help="listen beyond loopback unencrypted, behind a proxy that encrypts")
    ] = False,
    parent: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Take events until SIGTERM or Ctrl-C; then end the requests under way and wait for Kafka.

    `hypercare up` runs one already; this is for one by itself, such as on a machine without stages. What is not
    given here is taken from the settings of the same name, HYPERCARE_INTAKE_HOST and so on.
    """
    settings = read_settings()
    logs.set_up(settings.log_level, stage=INTAKE)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    door = Door(
        settings.intake_host if host is None else host,
        settings.intake_port if port is None else port,
        tls_cert or _file_named(settings.intake_tls_cert),
        tls_key or _file_named(settings.intake_tls_key),
    )
    if parent:
        forget_address(settings.home)
    try:
        desk = _opened(settings, door, cors or settings.intake_cors.split(), without_tls=without_tls)
    except Stop as stop:
        if parent:  # starting again would not help
            end_process(Stop(stop.problem, fix=stop.fix, exit_code=EXIT_PERSON))
        raise
    if parent:
        note_address(settings.home, Address(door.host, desk.listening.getsockname()[1], door.certificate is not None))
        _end_with(parent)
    desk.serve()


@dataclass(frozen=True, slots=True)
class _Desk:
    """An intake that listens and does not answer yet."""

    server: uvicorn.Server
    listening: socket.socket
    outlet: KafkaOutlet

    def serve(self) -> None:
        """Answer until told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops on them, then sends them on to who was there
            signal.signal(number, lambda *_: None)
        self.server.run(sockets=[self.listening])
        if self.outlet.unconfirmed:
            raise Stop(
                f"{self.outlet.unconfirmed} events were not confirmed by Kafka; their senders were told so.",
                fix="look at Kafka; senders will send them again",
            )


def _opened(settings: Settings, door: Door, origins: list[str], *, without_tls: bool) -> _Desk:
    """Check and connect everything; raise `Stop` for what a person has to mend."""
    check_door(door, without_tls=without_tls)
    check_origins(origins)
    kafka = kafka_of(Service(settings))
    limits = Limits()
    outlet = KafkaOutlet(
        kafka,
        topics=[topic.name for topic in (FEEDBACK, GATEWAY, SIGNALS)],
        prefix=settings.topic_prefix,
        answer_s=limits.answer_s,
    )
    listening = _listening(door, settings.home)
    made = Intake(
        outlet=outlet,
        ring=KeyFile(settings.home / NAME, time.monotonic).ring,
        secret=settings.pseudonym_secret(),
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        limits=limits,
    )
    _say(door, listening, settings.home / NAME, empty=not made.ring().keys)
    return _Desk(server_for(create_app(made, cors=origins), door, limits), listening, outlet)


def _end_with(parent: int) -> None:
    """Stop as on SIGTERM once the supervisor is gone; said again until it is heard."""

    def look() -> None:
        while True:
            time.sleep(LOOK_EVERY_S)
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, daemon=True, name="parent").start()


def _file_named(said: str) -> Path | None:
    return Path(said) if said else None


def _say(door: Door, listening: socket.socket, file: Path, *, empty: bool) -> None:
    scheme, port = "https" if door.certificate else "http", listening.getsockname()[1]
    out.print(f"Listening at [bold]{scheme}://{door.host}:{port}[/]; keys are in {escape(str(file))}.")
    if empty:
        out.print("There is no key yet: [bold]hypercare keys create --for feedback --project shop[/]")


def check_door(door: Door, *, without_tls: bool) -> None:
    """Refuse what cannot work, and keys in the clear; `Stop` says how to mend it."""
    if (door.certificate is None) != (door.private_key is None):
        raise Stop("TLS needs both, a certificate and its key.", fix="give --tls-cert and --tls-key", exit_code=2)
    if door.certificate is not None:
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(door.certificate, door.private_key)
        except (OSError, ssl.SSLError) as error:
            raise Stop(
                f"Certificate and key cannot be used: {error}", fix="give PEM files that belong together", exit_code=2
            ) from None
    elif not (is_loopback(door.host) or without_tls):
        raise Stop(
            f"{door.host} can be reached by others, and without TLS keys would travel readable.",
            fix="give --tls-cert and --tls-key, or --without-tls behind a proxy that encrypts",
            exit_code=2,
        )


def check_origins(origins: list[str]) -> None:
    """Origins as browsers write them; ``*`` would let every page send."""
    for origin in origins:
        scheme, mark, rest = origin.partition("://")
        if scheme not in {"http", "https"} or not mark or not rest or "/" in rest or "*" in rest:
            raise Stop(
                f"{origin!r} is no origin.", fix="write scheme and host only: https://shop.example.com", exit_code=2
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(door: Door, home: Path) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        return socket.create_server((door.host, door.port), family=family, backlog=1_024)
    except OSError as error:
        raise Stop(
            f"Nothing can listen at {door.host}:{door.port}: {os.strerror(error.errno) if error.errno else error}.",
            fix=_who_else(door, home),
            exit_code=2,
        ) from None


def _who_else(door: Door, home: Path) -> str:
    """What to do about an address that is not to be had."""
    ours = read_address(home)
    if ours is not None and ours.port == door.port and not why_not_ready(home):
        return f"it is the intake of `hypercare up`: send to {ours}, or end it with `hypercare stop {INTAKE}`"
    return (
        "end what listens there (or take another port: HYPERCARE_INTAKE_PORT; of `hypercare up` after `hypercare down`)"
    )
