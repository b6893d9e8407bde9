"""Nothing personal is remembered of signals and commands: accounts become pseudonyms, texts are masked."""

from __future__ import annotations

from typing import Any

from contracts.calls import Client
from contracts.commands import Command
from contracts.last_look import last_look, look_at_attributes
from contracts.personal_data import mask_personal_data, truncate_address
from contracts.pseudonyms import pseudonym
from contracts.signals import Signal

WRITTEN = ("reason", "title", "text", "workaround")
"""Fields of a command in which people write what they like."""


def hidden_words(command: Command) -> Command:
    """The command as it may be stored: it is decided by who gave it, and what they wrote is masked."""
    said = {name: text for name in WRITTEN if (text := getattr(command, name)) is not None}
    masked = {name: mask_personal_data(text)[0] for name, text in said.items()}
    return Command.trusted({**command.__dict__, **masked})


def hidden(signal: Signal, key: bytes) -> Signal:
    """The signal as it may be stored. Masking does not degrade: if it fails, the error ends the process."""
    changes: dict[str, Any] = {"attributes": look_at_attributes(signal.attributes)[0]}
    if signal.login is not None:
        client, login = signal.login.client, signal.login
        network = truncate_address(client.ip) if client.ip else None
        changes["login"] = type(login).trusted(
            {
                **login.__dict__,
                "account": pseudonym(login.account, key),
                "client": Client.trusted({"ip": network, "geo": client.geo, "user_agent": None}),
                "device": _device(signal, key),
            }
        )
    if signal.usage is not None:
        changes["usage"] = type(signal.usage).trusted(
            {**signal.usage.__dict__, "account": pseudonym(signal.usage.account, key)}
        )
    return Signal.trusted(last_look({**signal.__dict__, **changes}, key)[0])


def _device(signal: Signal, key: bytes) -> str | None:
    login = signal.login
    said = (login.device or login.client.user_agent) if login is not None else None
    return pseudonym(said, key) if said else None
