"""``hypercare topics`` and ``setup``."""

from __future__ import annotations

import typer
from rich.table import Table

from contracts.topics import CATALOGUE
from hypercare.commands.console import Partitions, endpoints_of, out
from hypercare.service import Service
from hypercare.set_up import set_up
from hypercare.settings import read_settings
from hypercare.topics import Applied, apply_topics

app = typer.Typer(help="Topics of the catalogue.", no_args_is_help=True)


def setup(*, partitions: Partitions = None) -> None:
    """Create topics and Elasticsearch templates; again and again if you like."""
    service = Service(read_settings())
    topics, templates = set_up(service.settings, endpoints_of(service), partitions=partitions)
    _print(topics)
    out.print(f"{len(templates)} Elasticsearch templates in place.")


@app.command("apply")
def topics_apply(*, partitions: Partitions = None) -> None:
    """Create the topics that are missing and say which differ."""
    service = Service(read_settings())
    prefix = service.settings.topic_prefix
    _print(apply_topics(endpoints_of(service).kafka, prefix=prefix, partitions=partitions))


@app.command("list")
def topics_list() -> None:
    """Print the catalogue: what travels where, who writes and who reads."""
    table = Table("topic", "key", "partitions", "written by", "read by", "about")
    for topic in CATALOGUE:
        table.add_row(topic.name, topic.key, str(topic.partitions), topic.written_by, topic.read_by, topic.about)
    out.print(table)


def _print(topics: list[Applied]) -> None:
    for topic in topics:
        out.print(f"{topic.state:<8} {topic.topic} {topic.note or f'({topic.partitions} partitions)'}")
