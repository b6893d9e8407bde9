"""The list of who is forgotten, read before a sink writes anything."""

from __future__ import annotations

import stamina

from contracts.errors import Unavailable
from hypercare.documents_by_id import AWAY
from sinks.elasticsearch.access import Access
from sinks.elasticsearch.forgotten import Forgotten, load

PATIENCE_S = 30.0


def forgotten_of(access: Access) -> Forgotten:
    """Read it; raise `Unavailable` when Elasticsearch stays away: without the list nothing may be written."""
    client = access.client()
    try:
        for attempt in stamina.retry_context(on=AWAY, attempts=20, timeout=PATIENCE_S):
            with attempt:
                return load(client)
    except AWAY as error:
        raise Unavailable(f"the list of the forgotten cannot be read: {error}") from error
    finally:
        client.close()
    return Forgotten()
