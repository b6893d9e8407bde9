"""Write the preview pages of the documentation: ``python -m tests.unit.kibana.previews URL`` of an Elasticsearch.

Its indices get the documents of a project that is called ``shop``; use one that holds nothing else.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

from sinks.elasticsearch.access import Access
from sinks.elasticsearch.bulk_lines import bulk_lines
from sinks.elasticsearch.templates import apply_templates
from sinks.kibana.ask import search_with
from sinks.kibana.catalogue import DASHBOARDS
from sinks.kibana.preview.filled import fill
from sinks.kibana.preview.page import file_of, page
from sinks.kibana.requests import Period
from sinks.kibana.views import VIEWS
from sinks.kibana.written import FILE
from tests.unit.kibana.seeded import documents, last_monday, seeded

PROJECT = "shop"
NOTE = "Drawn from the same panels and the same searches, over an invented shop: nobody in it is real."
AT_ONCE = 400
DAYS = {"hypercare-go-live": 12}
"""Days that a page looks back; an hour for the others."""


def write(address: str, folder: Path) -> None:
    """Seed, ask, draw."""
    until = last_monday()
    client = Access(address).client()
    apply_templates(client)
    try:
        made = list(documents(seeded(PROJECT, until)))
        for start in range(0, len(made), AT_ONCE):
            client.bulk(operations=b"".join(map(bulk_lines, made[start : start + AT_ONCE])))  # type: ignore[arg-type]
        client.indices.refresh(index=",".join(view.pattern for view in VIEWS))
        for dashboard in DASHBOARDS:
            days = DAYS.get(dashboard.id)
            long = timedelta(days=days) if days else timedelta(hours=1)
            end = until + timedelta(minutes=2)
            period = Period(end - long, end)
            filled = fill(search_with(client), dashboard, period, PROJECT)
            (folder / file_of(dashboard.id)).write_text(page(dashboard, filled, period, NOTE))
    finally:
        client.close()


if __name__ == "__main__":
    write(sys.argv[1], FILE.parent)
