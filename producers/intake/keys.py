"""Who may send what: keys of a tenant, a project and a purpose.

A key is a token, of which only the SHA-256 is kept, or the signing secret of a vendor's webhooks, which has to be kept
itself because signatures are worked out from it. A token is 32 characters, as long as a PagerDuty routing key: the
first eight name the key and may be seen, the other 24 hold 120 bits of chance, so a plain hash of them is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_serializer

from contracts.limits import Moment, Slug

ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz234567"
NAME_CHARS, TOKEN_CHARS = 8, 32
RATE: Final = 10_000.0
"""Events a second of one key unless it says otherwise: half of what two cores work through."""
NOBODY: Final = hashlib.sha256(b"").hexdigest()
"""Compared with when there is no such key, so that an unknown one takes as long as a wrong one."""


class Key(BaseModel):
    """One key; ``purposes`` are what may be sent with it, ``rate`` is in events a second."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=rf"^[a-z2-7]{{{NAME_CHARS}}}$")
    tenant: Slug = "default"
    project: Slug
    environment: Slug = "production"
    purposes: frozenset[str]
    label: str = ""
    created_at: Moment
    revoked_at: Moment | None = None
    token_sha256: str = ""
    signing_secret: SecretStr = SecretStr("")
    mapping: dict[str, Any] = Field(default_factory=dict)
    """Where a generic webhook says what: see `producers.intake.hooks.generic`."""
    rate: float = Field(RATE, gt=0, le=1e6)

    @field_serializer("signing_secret", when_used="json")
    def _kept(self, secret: SecretStr) -> str:
        return secret.get_secret_value()

    @field_serializer("purposes", when_used="json")
    def _sorted(self, purposes: frozenset[str]) -> list[str]:
        return sorted(purposes)

    @property
    def signs(self) -> bool:
        """Whether its requests are signed, instead of carrying a token."""
        return bool(self.signing_secret.get_secret_value())

    def allows(self, purpose: str) -> bool:
        """Whether it is in force and made for this."""
        return self.revoked_at is None and purpose in self.purposes


@dataclass(frozen=True, slots=True)
class Ring:
    """Every key by its id."""

    keys: Mapping[str, Key]

    def of_token(self, token: str) -> Key | None:
        """The key of a token, if it is known and in force; takes as long for a wrong one as for an unknown one."""
        found = self.keys.get(token[:NAME_CHARS])
        kept = found.token_sha256 if found is not None and found.token_sha256 else NOBODY
        same = hmac.compare_digest(hashed(token), kept)
        return found if same and found is not None and found.token_sha256 and found.revoked_at is None else None

    def of_id(self, name: str) -> Key | None:
        """The key whose requests are signed, if it is in force."""
        found = self.keys.get(name)
        return found if found is not None and found.signs and found.revoked_at is None else None


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token() -> str:
    """A token nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(TOKEN_CHARS))
