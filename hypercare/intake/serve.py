"""``hypercare intake``: events over HTTP."""

from __future__ import annotations

import logging
import os
import signal
import socket
import ssl
import time
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop
from contracts.topics import FEEDBACK, GATEWAY, SIGNALS
from hypercare.commands.console import kafka_of, out
from hypercare.service import Service
from hypercare.settings import read_settings
from processors.runtime import logs
from producers.intake.app import create_app
from producers.intake.delivery import KafkaOutlet
from producers.intake.intake import Intake
from producers.intake.key_file import NAME, KeyFile
from producers.intake.limits import Limits
from producers.intake.server import LOOPBACK, Door, server_for

app = typer.Typer(help="Events over HTTP: docs/intake.md.", no_args_is_help=True)
PORT = 8088


@app.callback()
def intake() -> None:
    """Events over HTTP: docs/intake.md."""


@app.command()
def serve(
    *,
    host: Annotated[
        str, typer.Option(help="address to listen at; others than loopback need TLS", envvar="HYPERCARE_INTAKE_HOST")
    ] = LOOPBACK,
    port: Annotated[
        int, typer.Option(help="0 lets the system choose", min=0, max=65_535, envvar="HYPERCARE_INTAKE_PORT")
    ] = PORT,
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
) -> None:
    """Take events until SIGTERM or Ctrl-C; then end the requests under way and wait for Kafka."""
    door = Door(host, port, tls_cert, tls_key)
    check_door(door, without_tls=without_tls)
    check_origins(cors or [])
    settings = read_settings()
    logs.set_up(settings.log_level, stage="intake")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    kafka = kafka_of(Service(settings))
    limits = Limits()
    outlet = KafkaOutlet(
        kafka,
        topics=[topic.name for topic in (FEEDBACK, GATEWAY, SIGNALS)],
        prefix=settings.topic_prefix,
        answer_s=limits.answer_s,
    )
    listening = _listening(door)
    made = Intake(
        outlet=outlet,
        ring=KeyFile(settings.home / NAME, time.monotonic).ring,
        secret=settings.pseudonym_secret(),
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
        limits=limits,
    )
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn stops on them, then sends them on to who was there before
        signal.signal(number, lambda *_: None)
    _say(door, listening, settings.home / NAME, empty=not made.ring().keys)
    server_for(create_app(made, cors=cors or []), door, limits).run(sockets=[listening])
    if outlet.unconfirmed:
        raise Stop(
            f"{outlet.unconfirmed} events were not confirmed by Kafka; their senders were told so.",
            fix="look at Kafka; senders will send them again",
        )


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


def _listening(door: Door) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    try:
        return socket.create_server((door.host, door.port), family=family, backlog=1_024)
    except OSError as error:
        raise Stop(
            f"Nothing can listen at {door.host}:{door.port}: {os.strerror(error.errno) if error.errno else error}.",
            fix="end what listens there, or choose another --port",
            exit_code=2,
        ) from None
