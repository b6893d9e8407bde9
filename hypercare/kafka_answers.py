"""What a command says when Kafka does not answer it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaException

from contracts.errors import Unavailable


@contextmanager
def answering(bootstrap: str) -> Iterator[None]:
    """Turn a refusal of the client within the block into `Unavailable` that names the broker."""
    try:
        yield
    except KafkaException as error:
        raise Unavailable(f"Kafka at {bootstrap}: {error.args[0].str()}") from error
