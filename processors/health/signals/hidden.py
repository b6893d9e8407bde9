"""Nothing personal is remembered: accounts become pseudonyms, addresses networks, texts are masked."""

from __future__ import annotations

from typing import Any

from contracts.calls import Client
from contracts.last_look import last_look, look_at_attributes
from contracts.personal_data import truncate_address
from contracts.pseudonyms import pseudonym
from contracts.signals import Signal


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
