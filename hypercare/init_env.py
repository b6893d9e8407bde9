"""Writes ``.env`` with generated secrets, so that ``docker-compose.yml`` needs no default passwords."""

from __future__ import annotations

import os
import secrets
import string
import tempfile
from pathlib import Path

from contracts.errors import Stop

FILE = ".env"
ALPHABET = string.ascii_letters + string.digits
"""Nothing that a shell, compose or a URL would want quoted."""
LENGTH = 40
"""238 bits; Kibana wants at least 32 characters in an encryption key."""
HEADER = "# Secrets of docker-compose.yml, written by `hypercare init`. Keep this file to yourself."
SECRETS = {
    "ELASTIC_PASSWORD": "the user elastic: log in to Kibana with it",
    "KIBANA_SYSTEM_PASSWORD": "Kibana's own user in Elasticsearch",
    "KIBANA_SECURITY_KEY": "encrypts Kibana's sessions",
    "KIBANA_SAVED_OBJECTS_KEY": "encrypts secrets inside of what Kibana saves",
    "KIBANA_REPORTING_KEY": "encrypts Kibana's reports",
    "HYPERCARE_PSEUDONYM_KEY": "makes the pseudonyms: with another key the same person gets another one",
}
"""What is generated, and what it is for."""


def write_env(folder: Path, *, force: bool = False) -> Path:
    """Write ``.env`` into ``folder``, readable by its owner alone, and return where it is.

    An existing file is left as it is and `Stop` is raised, unless ``force``: then the secrets are made anew
    and all other lines are kept.
    """
    file = folder / FILE
    try:
        if os.path.lexists(file) and not force:
            raise Stop(
                f"{file} exists already and was left as it is.",
                fix="keep using it. For new secrets, which existing data do not fit: "
                "`docker compose down --volumes`, then `hypercare init --force`",
            )
        _replace(file, "\n".join([*_generated(), *_lines_of_yours(file)]) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(
            f"{file} cannot be written: {error}.",
            fix="run `hypercare init` in a folder that you may write to, the one of docker-compose.yml",
        ) from error
    return file


def _generated() -> list[str]:
    lines = [HEADER]
    for name, purpose in SECRETS.items():
        lines += [_comment(purpose), f"{name}={''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"]
    return lines


def _lines_of_yours(file: Path) -> list[str]:
    """Lines of an existing file that did not come from here."""
    if not file.exists():
        return []
    ours = {HEADER, *map(_comment, SECRETS.values())}
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line not in ours and _name(line) not in SECRETS]


def _comment(purpose: str) -> str:
    return f"# {purpose}"


def _name(line: str) -> str:
    """Name of the variable that a line sets, as compose reads it."""
    return line.strip().removeprefix("export ").partition("=")[0].strip()


def _replace(file: Path, text: str) -> None:
    """Put ``text`` in place in one step, never readable by others: a file made by mkstemp has mode 0600."""
    handle, name = tempfile.mkstemp(prefix=f"{FILE}.", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
