"""A client that keeps what a middleware tells it."""

from __future__ import annotations

from pathlib import Path

from contracts.calls import GatewayCall
from contracts.event import Event
from producers.client import Client
from producers.client.made import size_of


class KeptCalls(Client):
    def __init__(self, folder: Path) -> None:
        super().__init__("127.0.0.1:1", source="urn:shop:web", spool=folder, project="shop")
        self.calls: list[GatewayCall] = []

    def offer(self, event: Event) -> str:
        assert size_of(event)
        assert isinstance(event, GatewayCall)
        assert GatewayCall.model_validate_json(event.encode()) == event
        self.calls.append(event)
        return event.id

    @property
    def only(self) -> GatewayCall:
        (call,) = self.calls
        return call
