"""The same libraries, writing each event as a document to Elasticsearch, until they are ended.

``python -m tests.faults.others.indexers SUBJECT BOOTSTRAP PREFIX FOLDER ELASTICSEARCH``. A library with a part of its
own for Elasticsearch uses that; the others use the bulk helper of Elasticsearch's client as its documentation shows,
for batches of the same size. Ids are numbers of events, so that what is written again is no second document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from contracts.topics import GATEWAY
from tests.faults.others.subjects import COMMIT_S, SESSION, SESSION_S

BATCH = 500
WITHIN_S = 1.0


def index_of(prefix: str) -> str:
    """Where the documents of a trial go; its mapping says that ``planted`` is a number."""
    return f"{prefix}documents"


def _document(value: bytes) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(value)["attributes"]
    return said


def _action(value: bytes) -> dict[str, Any]:
    said = _document(value)
    return {"_id": str(said["seq"]), "_source": said}


def ours(bootstrap: str, prefix: str, folder: Path, elasticsearch: str) -> None:
    """A sink of ours."""
    from processors.runtime.records import Record  # noqa: PLC0415 - each subject has its own library
    from processors.runtime.run import run_stage  # noqa: PLC0415
    from processors.runtime.settings import WorkerSettings  # noqa: PLC0415
    from sinks.elasticsearch.access import Access  # noqa: PLC0415
    from sinks.elasticsearch.bulk import BulkWriter  # noqa: PLC0415
    from sinks.elasticsearch.document import Document  # noqa: PLC0415
    from sinks.elasticsearch.stages import SinkStage  # noqa: PLC0415

    def documents(record: Record) -> tuple[Document, ...]:
        said = _document(record.value or b"")
        return (Document(index_of(prefix), str(said["seq"]), orjson.dumps(said), version=1),)

    settings = WorkerSettings(
        kafka=bootstrap, folder=folder, topic_prefix=prefix, instance_id="ours", session_timeout_s=SESSION_S
    )
    run_stage(SinkStage("sink", (GATEWAY,), documents), BulkWriter(Access(elasticsearch)), settings)


def faust(bootstrap: str, prefix: str, folder: Path, elasticsearch: str) -> None:
    """An agent that takes batches and hands each to the helper."""
    import faust  # noqa: PLC0415
    from elasticsearch import AsyncElasticsearch  # noqa: PLC0415
    from elasticsearch.helpers import async_bulk  # noqa: PLC0415

    app = faust.App(
        f"{prefix}faust",
        broker=f"kafka://{bootstrap}",
        datadir=folder,
        value_serializer="raw",
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_S,
    )

    @app.agent(app.topic(prefix + GATEWAY.name, value_serializer="raw"))
    async def agent(stream: Any) -> None:
        client = AsyncElasticsearch(elasticsearch)
        async for batch in stream.take(BATCH, within=WITHIN_S):
            await async_bulk(client, map(_action, batch), index=index_of(prefix))

    faust.Worker(app, loglevel="info", redirect_stdouts=False).execute_from_commandline()


def quixstreams(bootstrap: str, prefix: str, folder: Path, elasticsearch: str) -> None:
    """Its own sink for Elasticsearch; a checkpoint flushes the sink and then commits."""
    from quixstreams import Application  # noqa: PLC0415
    from quixstreams.sinks.community.elasticsearch import ElasticsearchSink  # noqa: PLC0415

    app = Application(
        broker_address=bootstrap,
        consumer_group=f"{prefix}quixstreams",
        auto_offset_reset="earliest",
        commit_interval=COMMIT_S,
        processing_guarantee="at-least-once",
        consumer_extra_config=dict(SESSION),
        auto_create_topics=False,
        state_dir=folder,
    )
    sink = ElasticsearchSink(
        elasticsearch, index_of(prefix), document_id_setter=lambda item: str(item.value["seq"]), batch_size=BATCH
    )
    frame = app.dataframe(app.topic(prefix + GATEWAY.name, value_deserializer="bytes"))
    frame.apply(_document).sink(sink)
    app.run()


def bytewax(bootstrap: str, prefix: str, folder: Path, elasticsearch: str) -> None:
    """A sink as its documentation shows how to write one, around the helper; with recovery."""
    from bytewax import operators  # noqa: PLC0415
    from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage  # noqa: PLC0415
    from bytewax.dataflow import Dataflow  # noqa: PLC0415
    from bytewax.outputs import DynamicSink, StatelessSinkPartition  # noqa: PLC0415
    from bytewax.recovery import RecoveryConfig, init_db_dir  # noqa: PLC0415
    from bytewax.testing import run_main  # noqa: PLC0415
    from elasticsearch import Elasticsearch  # noqa: PLC0415
    from elasticsearch.helpers import bulk  # noqa: PLC0415

    class Writer(StatelessSinkPartition[list[KafkaSourceMessage]]):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            self._client = Elasticsearch(elasticsearch)

        def write_batch(self, items: list[Any]) -> None:
            bulk(self._client, (_action(message.value) for message in items), index=index_of(prefix))

    class Sink(DynamicSink[Any]):  # type: ignore[misc, unused-ignore]
        def build(self, step_id: str, worker_index: int, worker_count: int) -> Writer:  # noqa: ARG002 - its signature
            return Writer()

    flow = Dataflow("rule")
    source = KafkaSource([bootstrap], [prefix + GATEWAY.name], batch_size=BATCH)
    operators.output("write", operators.input("read", flow, source), Sink())
    store = folder / "recovery"
    if not store.exists():
        store.mkdir()
        init_db_dir(store, 1)
    config = RecoveryConfig(store, backup_interval=timedelta(minutes=10))
    run_main(flow, epoch_interval=timedelta(seconds=COMMIT_S), recovery_config=config)


def arroyo(bootstrap: str, prefix: str, _: Path, elasticsearch: str) -> None:
    """BatchStep, RunTask around the helper, CommitOffsets."""
    from arroyo.backends.kafka import KafkaConsumer, build_kafka_consumer_configuration  # noqa: PLC0415
    from arroyo.processing import StreamProcessor  # noqa: PLC0415
    from arroyo.processing.strategies import CommitOffsets, RunTask  # noqa: PLC0415
    from arroyo.processing.strategies.abstract import ProcessingStrategyFactory  # noqa: PLC0415
    from arroyo.processing.strategies.batching import BatchStep  # noqa: PLC0415
    from arroyo.types import Topic as ArroyoTopic  # noqa: PLC0415
    from elasticsearch import Elasticsearch  # noqa: PLC0415
    from elasticsearch.helpers import bulk  # noqa: PLC0415

    client = Elasticsearch(elasticsearch)

    def write(batch: Any) -> None:
        bulk(client, (_action(message.payload.value) for message in batch.payload), index=index_of(prefix))

    class Chain(ProcessingStrategyFactory):  # type: ignore[misc, unused-ignore]
        def create_with_partitions(self, commit: Any, _: Mapping[Any, int]) -> Any:
            return BatchStep(BATCH, WITHIN_S, RunTask(write, CommitOffsets(commit)))

    consumer = KafkaConsumer(
        build_kafka_consumer_configuration(
            dict(SESSION), group_id=f"{prefix}arroyo", auto_offset_reset="earliest", bootstrap_servers=[bootstrap]
        )
    )
    StreamProcessor(consumer, ArroyoTopic(prefix + GATEWAY.name), Chain()).run()


INDEXERS: dict[str, Callable[[str, str, Path, str], None]] = {
    subject.__name__: subject for subject in (ours, faust, quixstreams, bytewax, arroyo)
}

if __name__ == "__main__":
    INDEXERS[sys.argv[1]](sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
