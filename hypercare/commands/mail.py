"""``hypercare mail``: mails into Kafka, from files or from a mailbox."""

from __future__ import annotations

import os
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from contracts.errors import Stop, Unavailable
from hypercare.commands.console import Project, err, kafka_of, out
from hypercare.service import Service
from hypercare.settings import read_settings
from producers.adapters.adapter import Place
from producers.mail.imap import Account, ImapMailbox, Places, new_mails
from producers.mail.mailboxes import mails_in
from producers.mail.message import reasons
from producers.mail.take import MailReport, take_mails
from producers.publisher import Publisher

app = typer.Typer(help="Read mails as feedback; none is changed, moved or deleted.", no_args_is_help=True)
PASSWORD = "HYPERCARE_MAIL_PASSWORD"  # noqa: S105 - the name of a variable

Tenant = Annotated[str, typer.Option(help="tenant the mails belong to")]
Environment = Annotated[str, typer.Option(help="environment they are about")]


@app.command("import")
def import_mail(
    paths: Annotated[list[str], typer.Argument(help="a raw mail, a folder of them, a maildir or an mbox; packed, too")],
    *,
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
) -> None:
    """Read raw mails from files. The same mail twice is one piece of feedback, by its Message-ID."""
    service = Service(read_settings())
    mails = chain.from_iterable(mails_in(path) for path in paths)
    place = Place("mail", 0, tenant, project, environment)
    origin = f"urn:hypercare:mail:{int(time.time())}"
    with Publisher(kafka_of(service), source=origin, topic_prefix=service.settings.topic_prefix) as publisher:
        report = take_mails(mails, publisher, place, service.settings.pseudonym_secret(), now=datetime.now(UTC))
    _tell(report)
    out.print(f"See what came of it: [bold]hypercare summary --origin {origin}[/]")


@app.command()
def poll(
    host: Annotated[str, typer.Argument(help="IMAP server, over TLS")],
    user: Annotated[str, typer.Argument(help="whose mailbox")],
    *,
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 993,
    mailbox: Annotated[str, typer.Option(help="folder on the server")] = "INBOX",
    password_file: Annotated[str, typer.Option(help=f"file with the password; left out, {PASSWORD} is read")] = "",
    ca_file: Annotated[str, typer.Option(help="certificates to trust instead of the system's")] = "",
    every: Annotated[float, typer.Option(help="seconds between two looks", min=5, max=86_400)] = 60.0,
    once: Annotated[bool, typer.Option("--once", help="look once, then stop")] = False,
    tenant: Tenant = "default",
    project: Project = "default",
    environment: Environment = "production",
) -> None:
    """Read new mails from a mailbox, again and again; the place is kept once Kafka has them."""
    service = Service(read_settings())
    account = Account(host, user, password_of(password_file), port, mailbox, ca_file)
    places = Places(service.settings.home / "mail")
    place = Place("mail", 0, tenant, project, environment)
    with suppress(KeyboardInterrupt):
        while True:
            try:
                report = _look(service, account, places, place)
                if report.read or once:
                    _tell(report)
            except Unavailable as away:
                if once:
                    raise
                err.print(escape(f"{away}; again in {every:g} s"))
            if once:
                return
            time.sleep(every)


def password_of(file: str) -> str:
    """The password, from a file or the environment; never from an argument, which others can see."""
    if file:
        try:
            found = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as error:
            raise Stop(f"cannot read the password from {file}: {error.strerror}", fix="check its permissions") from None
    else:
        found = os.environ.get(PASSWORD, "")
    if not found:
        raise Stop("There is no password.", fix=f"set {PASSWORD}, or name a file with --password-file", exit_code=2)
    return found


def _look(service: Service, account: Account, places: Places, place: Place) -> MailReport:
    """All that is new, in parts; the place moves after each."""
    total = MailReport()
    source = f"urn:hypercare:mail:{account.host}"
    with (
        ImapMailbox(account) as box,
        Publisher(kafka_of(service), source=source, topic_prefix=service.settings.topic_prefix) as publisher,
    ):
        validity = box.validity()
        while uids := box.after(places.get(account, validity)):
            mails = new_mails(box, uids)
            report = take_mails(mails, publisher, place, service.settings.pseudonym_secret(), now=datetime.now(UTC))
            places.save(account, validity, uids[-1])
            total = MailReport(
                total.read + report.read, total.published + report.published, Counter(total.reasons + report.reasons)
            )
    return total


def _tell(report: MailReport) -> None:
    out.print(f"{report.read:,} mails read, {report.published:,} are feedback now.")
    if report.reasons:
        out.print(f"  Refused, and kept as dead letters: {escape(reasons(report.reasons))}")
