"""For applications in Python: report feedback, calls and signals, and one's own requests, without waiting for Kafka."""

from producers.client.asgi import CallsMiddleware
from producers.client.client import AsyncClient, Client
from producers.client.counts import Counts
from producers.client.routes import note_django_route
from producers.client.spool import SpoolLimits
from producers.client.wsgi import WsgiCallsMiddleware

__all__ = [
    "AsyncClient",
    "CallsMiddleware",
    "Client",
    "Counts",
    "SpoolLimits",
    "WsgiCallsMiddleware",
    "note_django_route",
]
