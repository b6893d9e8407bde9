"""Where Elasticsearch is, and how to prove who we are."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from elasticsearch import Elasticsearch

CONNECT_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Access:
    """An address with an API key, or a user and password, or neither; secrets stay out of its repr.

    ``ca`` is a file with the certificate that signed the server's, where the system does not know it.

    A ``file:`` address is a folder for documents, where there is no Elasticsearch.
    """

    address: str
    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""

    @property
    def folder(self) -> Path | None:
        """Where documents are kept as files; None where they are sent to Elasticsearch."""
        parts = urlsplit(self.address)
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    def arguments(self) -> dict[str, Any]:
        """Arguments for the client of the elasticsearch package."""
        arguments: dict[str, Any] = {"hosts": self.address}
        if self.api_key:
            arguments["api_key"] = self.api_key
        elif self.user:
            arguments["basic_auth"] = (self.user, self.password)
        if self.ca:
            arguments["ca_certs"] = self.ca
        return arguments

    def client(self) -> Elasticsearch:
        """A client for questions and templates; the bulk loop has its own."""
        return Elasticsearch(**self.arguments(), request_timeout=CONNECT_TIMEOUT_S, retry_on_timeout=True)
