"""Which column of a table of feedback means what: by the user's mapping, else by its name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from unicodedata import normalize

from contracts.errors import Stop
from producers.adapters.attributes import smells_of_secret

COLUMN_NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "description", "comment", "comments", "message", "body", "feedback", "review", "content",
        "answer", "what went wrong", "what happened", "your feedback", "your comment",
        "beschreibung", "kommentar", "nachricht", "rückmeldung", "was ist schiefgelaufen",
        "commentaire", "commentaires", "avis", "comentario", "comentarios", "mensaje", "descripción",
        "comentário", "comentários", "mensagem", "descrição",
        "描述", "评论", "意见", "反馈", "反馈内容", "内容",
    ),
    "title": ("title", "summary", "subject", "headline"),
    "occurred_at": (
        "occurred at", "created", "created at", "created date", "date created", "creation date",
        "submitted at", "reported at", "opened", "opened at", "date", "datetime", "timestamp", "time",
        "submitted", "submitted on", "submission date", "submission time", "submit date", "submit time", "received",
        "received at", "received on", "reported", "reported on", "completed at", "completion time", "end date",
        "created on", "created time", "sent at", "date submitted", "date time", "response date",
        "datum", "erstellt", "erstellt am", "erstellungsdatum", "eingereicht", "eingereicht am", "eingegangen",
        "eingegangen am", "gesendet am", "zeitpunkt", "zeitstempel",
        "créé le", "date de création", "soumis le", "envoyé le", "reçu le", "date d envoi", "horodateur", "horodatage",
        "fecha", "fecha y hora", "fecha de creación", "fecha de envío", "creado", "creado el", "enviado", "enviado el",
        "marca temporal", "data e hora", "data hora", "data de criação", "data de envio", "criado em", "enviado em",
        "recebido em", "carimbo de data hora",
        "时间", "日期", "创建时间", "提交时间", "反馈时间", "提交日期",
    ),
    "id": ("id", "issue id", "ticket id", "feedback id", "case id", "issue key", "ticket", "number", "key"),
    "rating": ("rating", "stars", "score", "nps", "csat", "ces", "nps score", "csat score", "ces score"),
    "reporter": (
        "reporter", "user", "author", "customer", "requester", "user id", "customer id", "email", "e mail",
        "user email", "customer email", "reporter email",
    ),
    "role": ("role", "user role", "reporter role"),
    "segment": ("segment", "customer segment", "plan", "tier"),
    "channel": ("channel", "medium", "origin"),
    "system": ("system", "source", "source system"),
    "url": ("url", "link", "ticket url"),
    "trace_id": ("trace id", "traceid", "trace"),
    "request_id": ("request id", "requestid", "x request id", "correlation id"),
    "session": ("session", "session id"),
    "route": ("route", "endpoint", "api", "path"),
    "screen": ("screen", "page", "view"),
    "journey": ("journey", "process", "use case"),
    "browser": ("browser",),
    "os": ("os", "operating system", "platform"),
    "device": ("device", "device type"),
    "release": (
        "release", "version", "app version", "affects version", "affects version s", "affected version",
    ),
    "language": ("language", "lang"),
    "locale": ("locale",),
    "thread": ("thread", "in reply to", "parent id"),
}  # fmt: skip
"""Names in lower case, anything but letters and digits as one blank; the first that is there is taken. Text and time,
that no table can do without, in six languages; not the Portuguese ``data``, which in English is anything but a time."""
_PERSONAL = re.compile(
    r"(?:^| )(?:phone|mobile|fax|address|street|zip|postcode|first name|last name|full name|surname|name"
    r"|birth|birthday|date of birth|iban|ssn|email|e mail|ip|ip address)(?: number| id)?$"
)
_NOT_A_WORD = re.compile(r"[\W_]+")


def normal_name(column: str) -> str:
    """Lower case, with single blanks between the words."""
    return _NOT_A_WORD.sub(" ", normalize("NFC", column).lower()).strip()


def column_mapping(
    columns: Sequence[str], given: Mapping[str, str], rows: Sequence[Mapping[str, str]] = ()
) -> dict[str, str]:
    """Field to column; raise `Stop` for a mapping that cannot be, or a table without any text.

    ``rows`` are the first ones: they tell which column to propose.
    """
    _check(columns, given)
    mapping = dict(given)
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(normal_name(column), column)
    for field, names in COLUMN_NAMES.items():
        taken = set(mapping.values())
        free = (by_name[name] for name in names if name in by_name and by_name[name] not in taken)
        found = mapping.get(field) or next(free, None)
        if found:
            mapping[field] = found
    if "text" not in mapping and "title" not in mapping:
        raise Stop(
            f"no column holds the text of the feedback; the columns are: {_listed(columns)}",
            fix=f"--map {shlex.quote('text=' + _wordiest(columns, mapping, rows))}   (or another column that holds it)",
        )
    return mapping


def _wordiest(columns: Sequence[str], mapping: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
    """The column without a field that has the longest cells, links and what looks personal aside."""
    omitted = {*mapping.values(), *left_out(columns, mapping)}
    free = [column for column in columns if column not in omitted] or list(columns) or ["COLUMN"]
    return max(free, key=lambda column: sum(len(cell) for row in rows if "://" not in (cell := row.get(column, ""))))


def left_out(columns: Sequence[str], mapping: Mapping[str, str]) -> list[str]:
    """Name the columns without a field that look personal or secret: they do not become attributes."""
    used = set(mapping.values())
    return [
        column
        for column in columns
        if column not in used and (smells_of_secret(column) or _PERSONAL.search(normal_name(column)))
    ]


def _check(columns: Sequence[str], given: Mapping[str, str]) -> None:
    unknown = [field for field in given if field not in COLUMN_NAMES]
    if unknown:
        raise Stop(f"no such field: {_listed(unknown)}", fix=f"--map takes: {', '.join(COLUMN_NAMES)}")
    missing = [column for column in given.values() if column not in columns]
    if missing:
        raise Stop(
            f"no such column: {_listed(missing)}; the columns are: {_listed(columns)}",
            fix="--map FIELD=COLUMN, with the column exactly as in the first line",
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:60]) for name in names[:50])
