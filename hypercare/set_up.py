"""Topics and templates: what has to be there before the first event."""

from __future__ import annotations

import stamina
from elasticsearch import ApiError, TransportError

from contracts.errors import Stop
from hypercare.engines.engine import Endpoints
from hypercare.settings import Settings
from hypercare.topics import Applied, apply_topics
from sinks.elasticsearch.templates import apply_templates


def set_up(
    settings: Settings, endpoints: Endpoints, *, partitions: int | None = None
) -> tuple[list[Applied], list[str]]:
    """Topics and templates; idempotent."""
    topics = apply_topics(endpoints.kafka, prefix=settings.topic_prefix, partitions=partitions)
    client = settings.access(endpoints.elasticsearch).client()
    try:
        for attempt in stamina.retry_context(on=(TransportError, ApiError), attempts=4, timeout=30):
            with attempt:
                client.info()
        return topics, apply_templates(client, sampled=settings.sampling().successful == "sample")
    except (TransportError, ApiError) as error:
        raise Stop(
            f"Elasticsearch at {endpoints.elasticsearch} cannot be used: {error}",
            fix="check HYPERCARE_ELASTICSEARCH and the API key or user",
        ) from error
    finally:
        client.close()
