"""New mails of an IMAP mailbox, read without changing anything there: no mail becomes read, moved or deleted.

By the standard library's `imaplib`, which is kept up with Python itself; of what clients on top of it add, nothing is
needed here. The place in a mailbox is its UIDVALIDITY and the last UID (RFC 9051, section 2.3.1.1).
"""

from __future__ import annotations

import imaplib
import json
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from contracts.errors import Rejected, Stop, Unavailable
from producers.mail.mailboxes import RawMail
from producers.mail.message import MAX_BYTES

TIMEOUT_S = 30.0
MOST_AT_ONCE = 500
"""Mails a poll at most, so that a place is kept now and then."""
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,12})")


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach a mailbox; the password is never shown."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    mailbox: str = "INBOX"
    ca_file: str = ""


class Mailbox(Protocol):
    """A mailbox that is open."""

    def validity(self) -> int:
        """UIDVALIDITY: with another one, all UIDs are new."""
        ...

    def after(self, uid: int) -> list[int]:
        """UIDs above one, in order."""
        ...

    def mail(self, uid: int) -> RawMail | None:
        """One mail; None when it is gone."""
        ...


class ImapMailbox:
    """A mailbox over TLS; raise `Stop` when it refuses us, `Unavailable` when it does not answer."""

    def __init__(self, account: Account, connect: Callable[[Account], imaplib.IMAP4] | None = None) -> None:
        self._account = account
        self._connect = connect or over_tls

    def __enter__(self) -> Self:
        self._imap = self._connect(self._account)
        try:
            self._sign_in()
        except BaseException:
            self._imap.shutdown()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._imap.logout()

    def validity(self) -> int:
        """UIDVALIDITY of the mailbox."""
        found = self._imap.untagged_responses.get("UIDVALIDITY") or [b"0"]
        return int(_flat(found[-1]))

    def after(self, uid: int) -> list[int]:
        """UIDs above one; the server always names the last mail, too."""
        found = self._asked("SEARCH", f"UID {uid + 1}:*")
        return sorted(number for number in map(int, (found[0] or b"").split()) if number > uid)[:MOST_AT_ONCE]

    def mail(self, uid: int) -> RawMail | None:
        """One mail; of one that is too large only its beginning."""
        name = f"{self._account.mailbox}/{uid}"
        about = self._asked("FETCH", str(uid), "(RFC822.SIZE)")
        size = next((int(said[1]) for part in about if (said := _SIZE.search(_flat(part)))), 0)
        if size <= MAX_BYTES:
            raw = _literal(self._asked("FETCH", str(uid), "(BODY.PEEK[])"))
            return None if raw is None else RawMail(name, uid, raw)
        raw = _literal(self._asked("FETCH", str(uid), "(BODY.PEEK[]<0.65536>)"))
        fault = Rejected("too_large", f"{size} bytes, at most {MAX_BYTES} are taken of a mail")
        return None if raw is None else RawMail(name, uid, raw, fault)

    def _sign_in(self) -> None:
        account = self._account
        try:
            self._imap.login(account.user, account.password)
        except imaplib.IMAP4.error:
            raise Stop(
                f"{account.host} refuses the user {account.user!r}.", fix="check user and password"
            ) from None  # what the server says may repeat what it was sent
        quoted = '"' + account.mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'
        kind, _ = self._imap.select(quoted, readonly=True)
        if kind != "OK":
            raise Stop(f"{account.host} has no mailbox {account.mailbox!r}.", fix="name one with --mailbox")

    def _asked(self, command: str, *arguments: str) -> list[Any]:
        try:
            kind, found = self._imap.uid(command, *arguments)
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unavailable(f"{self._account.host} stopped answering ({type(error).__name__})") from None
        if kind != "OK":
            raise Unavailable(f"{self._account.host} refused {command}")
        return list(found or [])


def over_tls(account: Account) -> imaplib.IMAP4:
    """Connect, and have the server prove who it is."""
    context = ssl.create_default_context(cafile=account.ca_file or None)
    try:
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=context, timeout=TIMEOUT_S)
    except ssl.SSLCertVerificationError as error:
        raise Stop(
            f"{account.host} cannot prove who it is: {error.verify_message}", fix="name its authority with --ca-file"
        ) from None
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unavailable(f"{account.host}:{account.port} does not answer ({type(error).__name__})") from None


class Places:
    """How far each mailbox was read, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def get(self, account: Account, validity: int) -> int:
        """Last UID that is in Kafka; 0 for a mailbox that is new or was made anew."""
        file = self._file(account)
        if not file.exists():
            return 0
        try:
            said = json.loads(file.read_text())
            return int(said["uid"]) if said["validity"] == validity else 0
        except (ValueError, KeyError, TypeError) as error:
            raise Stop(f"The place in {file} cannot be read: {error}", fix="remove it: all is read again") from None

    def save(self, account: Account, validity: int, uid: int) -> None:
        """Replace a place whole."""
        file = self._file(account)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps({"validity": validity, "uid": uid}))
        draft.replace(file)

    def _file(self, account: Account) -> Path:
        said = "\x1f".join((account.host, str(account.port), account.user, account.mailbox))
        return self._folder / f"{blake2b(said.encode(), digest_size=12).hexdigest()}.json"


def new_mails(box: Mailbox, uids: list[int]) -> Iterator[RawMail]:
    """The mails of these UIDs that are still there."""
    for uid in uids:
        found = box.mail(uid)
        if found is not None:
            yield found


def _flat(part: object) -> bytes:
    return part if isinstance(part, bytes) else part[0] if isinstance(part, tuple) else b""


def _literal(found: list[Any]) -> bytes | None:
    return next((part[1] for part in found if isinstance(part, tuple) and len(part) > 1), None)
