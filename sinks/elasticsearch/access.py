"""Where Elasticsearch is, and how to prove who we are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from elasticsearch import Elasticsearch

CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Access:
    """An address with an API key, or a user and password, or neither; secrets stay out of its repr."""

    address: str
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)

    def arguments(self) -> dict[str, Any]:
        """Arguments for the client of the elasticsearch package."""
        arguments: dict[str, Any] = {"hosts": self.address}
        if self.api_key:
            arguments["api_key"] = self.api_key
        elif self.user:
            arguments["basic_auth"] = (self.user, self.password)
        return arguments

    def client(self) -> Elasticsearch:
        """A client for questions and templates; the bulk loop has its own."""
        return Elasticsearch(**self.arguments(), request_timeout=CONNECT_TIMEOUT_S, retry_on_timeout=True)
