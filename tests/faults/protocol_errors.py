"""librdkafka's broker mock, told to answer requests with errors of the Kafka protocol.

confluent-kafka offers the mock but not this; the functions are those of librdkafka's `rdkafka_mock.h`, called in the
library that confluent-kafka brings along.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import confluent_kafka

PRODUCE, OFFSET_COMMIT, JOIN_GROUP, HEARTBEAT, FETCH = 0, 8, 11, 12, 1
"""API keys, https://kafka.apache.org/protocol#protocol_api_keys."""
PARTITIONS = 4
_PRODUCER = 0
_ERROR_CHARS = 500


class ErringBroker:
    """One mock broker; ``bootstrap`` is its address."""

    def __init__(self, library: ctypes.CDLL, handle: int) -> None:
        self._library = library
        self._cluster = ctypes.c_void_p(library.rd_kafka_handle_mock_cluster(ctypes.c_void_p(handle)))
        self.bootstrap = ctypes.cast(
            library.rd_kafka_mock_cluster_bootstraps(self._cluster), ctypes.c_char_p
        ).value.decode()  # type: ignore[union-attr]

    def create(self, topics: Sequence[str]) -> None:
        """Make topics."""
        for topic in topics:
            self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), PARTITIONS, 1)

    def answer(self, api: int, errors: Sequence[int]) -> None:
        """Answer the next requests of this kind with these error codes."""
        codes = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(api), ctypes.c_size_t(len(errors)), codes
        )


@contextmanager
def erring_broker() -> Iterator[ErringBroker]:
    """A mock broker for as long as the block runs."""
    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    library = ctypes.CDLL(str(next(folder.glob("librdkafka-*.so*"))))
    for name in (
        "rd_kafka_conf_new",
        "rd_kafka_new",
        "rd_kafka_handle_mock_cluster",
        "rd_kafka_mock_cluster_bootstraps",
    ):
        getattr(library, name).restype = ctypes.c_void_p
    said = ctypes.create_string_buffer(_ERROR_CHARS)
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    for name, value in (("test.mock.num.brokers", "1"), ("bootstrap.servers", "none"), ("log_level", "0")):
        library.rd_kafka_conf_set(settings, name.encode(), value.encode(), said, ctypes.c_size_t(_ERROR_CHARS))
    handle = library.rd_kafka_new(_PRODUCER, settings, said, ctypes.c_size_t(_ERROR_CHARS))
    assert handle, said.value.decode()
    try:
        yield ErringBroker(library, handle)
    finally:
        library.rd_kafka_destroy(ctypes.c_void_p(handle))
