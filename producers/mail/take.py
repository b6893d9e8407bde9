"""Mails into Kafka, one by one: feedback, or a dead letter with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.dead_letters import DeadLetter
from contracts.errors import Rejected
from contracts.topics import FEEDBACK
from producers.adapters.adapter import Place
from producers.mail.mailboxes import RawMail
from producers.mail.message import feedback_of_mail
from producers.outlet import Outlet


@dataclass(slots=True)
class MailReport:
    """What became of the mails."""

    read: int = 0
    published: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


def take_mails(mails: Iterable[RawMail], outlet: Outlet, place: Place, key: bytes, *, now: datetime) -> MailReport:
    """Publish every mail; a second time the same mails are the same events, by their Message-ID."""
    report = MailReport()
    for mail in mails:
        report.read += 1
        try:
            if mail.fault:
                raise mail.fault
            outlet.publish(feedback_of_mail(mail.raw, replace(place, source=mail.name), key, now=now))
            report.published += 1
        except Rejected as rejected:
            report.reasons[rejected.reason] += 1
            outlet.publish_dead_letter(_letter(mail, rejected, now))
    outlet.flush()
    return report


def _letter(mail: RawMail, rejected: Rejected, now: datetime) -> DeadLetter:
    return DeadLetter.of_input(
        rejected, mail.raw, topic=FEEDBACK.name, stage="mail", at=now, source=mail.name, line=mail.number
    )
