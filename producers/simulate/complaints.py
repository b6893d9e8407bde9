"""Feedback about the planted problems, among feedback about everything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from producers.simulate.browsers import AGENTS, IOS_SAFARI, SHARES
from producers.simulate.checkout import DURATION, FailedPayment
from producers.simulate.erp import ErpLog
from producers.simulate.phrases import CONTACT, OTHER, PAYMENT, THINGS, WAITING, Phrases

ABOUT_PAYMENT, ABOUT_WAITING, ABOUT_OTHER = 60, 36, 204
CONTACT_CHANCE = 0.15
REFERENCE_CHANCE = 0.5
COLUMNS = (
    "Ticket ID", "Created", "Channel", "Subject", "Text", "Stars", "Email", "Page", "Browser", "OS",
    "Language", "Trace ID", "Request ID", "Release",
)  # fmt: skip
_SHOP_CHANNELS = ("in-app", "email", "hotline", "chat", "survey", "social")
_ERP_CHANNELS = ("hotline", "ticket", "email")
_LANGUAGES = {"en": 76, "de": 12, "fr": 6, "es": 6}

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Complaints:
    """Rows in the order of time, and how many of each story and language."""

    rows: tuple[Row, ...]
    languages: dict[str, int]


def complaints(random: Random, start: datetime, failed: Sequence[FailedPayment], erp: ErpLog) -> Complaints:
    """Write the feedback of one morning."""
    rows = [_about_payment(random, random.choice(failed)) for _ in range(ABOUT_PAYMENT if failed else 0)]
    rows += [_about_waiting(random, *random.choice(erp.waiting)) for _ in range(ABOUT_WAITING if erp.waiting else 0)]
    rows += [_about_other(random, start + random.random() * DURATION) for _ in range(ABOUT_OTHER)]
    rows.sort(key=lambda row: row["Created"])
    numbered = tuple({**row, "Ticket ID": f"T-{number:04d}"} for number, row in enumerate(rows, start=1))
    languages = {name: sum(row["Language"] == name for row in numbered) for name in _LANGUAGES}
    return Complaints(numbered, languages)


def as_csv(rows: Sequence[Row]) -> str:
    """Write the rows as CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _about_payment(random: Random, failure: FailedPayment) -> Row:
    refer = random.random() < REFERENCE_CHANCE
    return {
        **_written(random, PAYMENT, failure.at + timedelta(seconds=random.randrange(30, 900)), failure.user),
        "Channel": random.choice(_SHOP_CHANNELS),
        "Stars": random.choice(("1", "1", "2", "")),
        "Page": "/checkout/payment",
        "Browser": IOS_SAFARI.label,
        "OS": IOS_SAFARI.os,
        "Trace ID": failure.trace_id if refer else "",
        "Request ID": failure.request_id if refer else "",
        "Release": "shop 2.3.1",
    }


def _about_waiting(random: Random, at: datetime, user: str) -> Row:
    return {
        **_written(random, WAITING, at + timedelta(seconds=random.randrange(60, 1200)), user),
        "Channel": random.choice(_ERP_CHANNELS),
        "Stars": random.choice(("1", "2", "2", "")),
        "Page": "/erp/reports",
        "Browser": "Edge",
        "OS": "Windows",
        "Release": "erp 12.4",
    }


def _about_other(random: Random, at: datetime) -> Row:
    agent = random.choices(AGENTS, SHARES)[0]
    return {
        **_written(random, OTHER, at, f"user-{random.randrange(900):04d}"),
        "Channel": random.choice(_SHOP_CHANNELS),
        "Stars": random.choice(("3", "4", "4", "5", "5", "")),
        "Page": random.choice(("/", "/search", "/product", "/account")),
        "Browser": agent.label,
        "OS": agent.os,
        "Release": "shop 2.3.1",
    }


def _written(random: Random, phrases: Phrases, at: datetime, user: str) -> Row:
    known = [name for name in _LANGUAGES if name in phrases]
    language = random.choices(known, [_LANGUAGES[name] for name in known])[0]
    subject, text = random.choice(phrases[language])
    text = text.format(minutes=random.randrange(2, 9), thing=random.choice(THINGS))
    if random.random() < CONTACT_CHANCE:
        text += random.choice(CONTACT).format(user=user, digits=f"{random.randrange(100):02d}")
    return {
        "Created": at.strftime("%Y-%m-%d %H:%M:%S"),
        "Subject": subject,
        "Text": text,
        "Email": f"{user}@example.com",
        "Language": language,
    }
