"""The page of topics, written from the catalogue: ``python -m contracts.topic_table``."""

from __future__ import annotations

from pathlib import Path

from contracts.topic import DAY_MS, Topic
from contracts.topics import CATALOGUE

PAGE = Path(__file__).parents[1] / "docs" / "topics.md"
HEAD = """# Topics

Written from `contracts/topics.py` by `make schemas`. Created by `hypercare topics apply`; brokers need no
automatic creation. Keys are placed by murmur2, as the Java client does (`partitioner=murmur2_random` in
librdkafka). Messages are CloudEvents 1.0 in binary mode; structured mode and bare JSON are read too.

| topic | key | partitions | kept | at most | written by | read by | holds |
|---|---|---|---|---|---|---|---|
"""


def _kept(topic: Topic) -> str:
    return "compacted" if topic.compacted else f"{topic.retention_ms // DAY_MS} days"


def page() -> str:
    """The whole page."""
    rows = [
        f"| `{t.name}` | {t.key} | {t.partitions} | {_kept(t)} | {t.max_message_bytes // 1024} KiB"
        f" | {t.written_by} | {t.read_by} | {t.about} |"
        for t in CATALOGUE
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
