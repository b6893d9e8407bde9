"""What Kafka and Elasticsearch are set to, whoever runs them: local engines read it, docker-compose.yml is held to it.

Where they listen, where their data lie and whether they ask for passwords is each way's own.
"""

from __future__ import annotations

from hypercare.engines.distributions import ELASTICSEARCH_9

KAFKA_HEAP_MB = 512
ELASTICSEARCH_HEAP_MB = 1024
ELASTICSEARCH_IMAGE = f"docker.elastic.co/elasticsearch/elasticsearch:{ELASTICSEARCH_9.version}"
KIBANA_IMAGE = f"docker.elastic.co/kibana/kibana:{ELASTICSEARCH_9.version}"
# An image follows its release by weeks, so it may be a little older than the one for local processes.
KAFKA_IMAGE = "apache/kafka:4.3.1"

# The largest event is 5 MiB; a batch adds a header and keys to it.
LARGEST_BATCH_BYTES = 6 * 1024 * 1024
MOST_COPIES = 3

ELASTICSEARCH = {
    "cluster.name": "hypercare",
    "discovery.type": "single-node",
    # So that vm.max_map_count of the machine need not be raised.
    "node.store.allow_mmap": "false",
    "xpack.ml.enabled": "false",
}
# Nothing is fetched behind the user's back. Only servers with the module know the setting.
ELASTICSEARCH_GEOIP = {"ingest.geoip.downloader.enabled": "false"}


def kafka_settings(brokers: int = 1) -> dict[str, str]:
    """Settings of each of so many brokers: with three every record has three copies, of which two are waited for."""
    copies = str(min(brokers, MOST_COPIES))
    in_sync = "2" if brokers >= MOST_COPIES else "1"
    return {
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(LARGEST_BATCH_BYTES),
        "replica.fetch.max.bytes": str(LARGEST_BATCH_BYTES),
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
        # A few partitions of bookkeeping are enough for one machine, and each costs files and time at start.
        "offsets.topic.num.partitions": "5",
        "transaction.state.log.num.partitions": "5",
        "share.coordinator.state.topic.num.partitions": "5",
        # Nobody waits for a second consumer, and a killed one is noticed within a second if it asks for that.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # A broker that was killed may not come back before its session ran out; the default keeps it away for 9 s.
        "broker.session.timeout.ms": "5000",
        "broker.heartbeat.interval.ms": "1000",
        # The default takes a quarter of so small a heap.
        "log.cleaner.dedupe.buffer.size": "16777216",
    }


def kafka_heap_options(heap_mb: int = KAFKA_HEAP_MB) -> tuple[str, str]:
    """Kafka's heap begins at half of what it may become."""
    return f"-Xms{heap_mb // 2}m", f"-Xmx{heap_mb}m"


def elasticsearch_heap_options(heap_mb: int = ELASTICSEARCH_HEAP_MB) -> tuple[str, str]:
    """Elasticsearch wants both ends equal."""
    return f"-Xms{heap_mb}m", f"-Xmx{heap_mb}m"
