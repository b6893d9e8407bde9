"""One Kafka broker, its own controller, on loopback: configuration, storage and the command that runs it."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from pathlib import Path

from hypercare.engines.equip import Kit
from hypercare.engines.java import Jvm
from hypercare.engines.place import Place
from hypercare.engines.ports import LOOPBACK
from hypercare.engines.process import Launch, failed_start
from hypercare.engines.unprivileged import hand_over

PORTS = ("kafka", "kafka-controller")
FORMAT_TIMEOUT_S = 60.0

# The largest event is 5 MiB; a batch adds a header and keys to it.
LARGEST_BATCH_BYTES = 6 * 1024 * 1024

SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{kafka},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{kafka}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes={largest}
replica.fetch.max.bytes={largest}
# One broker can keep one copy.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# A few partitions of bookkeeping are enough for one machine, and each costs files and time at start.
offsets.topic.num.partitions=5
transaction.state.log.num.partitions=5
share.coordinator.state.topic.num.partitions=5
# Nobody waits for a second consumer, and a killed one is noticed within a second if it asks for that.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
# A broker that was killed may not come back before its session ran out; the default keeps it away for 9 s.
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=1000
# The default takes a quarter of so small a heap.
log.cleaner.dedupe.buffer.size=16777216
"""

LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c{1})%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
logger.server.name = kafka.server
logger.server.level = info
"""


def prepare_kafka(place: Place, kit: Kit, ports: dict[str, int], heap_mb: int) -> Launch:
    """Write the configuration, format the storage if there is none, and return how to start Kafka."""
    jvm, install = kit.jvm, place.cache / kit.distribution.name
    folder = place.folder("kafka")
    data = folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    settings = SETTINGS.format(
        host=LOOPBACK,
        kafka=ports["kafka"],
        controller=ports["kafka-controller"],
        data=data,
        largest=LARGEST_BATCH_BYTES,
    )
    (folder / "server.properties").write_text(settings, encoding="utf-8")
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    hand_over(folder, place.account)
    launch = Launch(
        title=kit.distribution.title,
        command=_command(jvm, install, folder, heap_mb, "kafka.Kafka", str(folder / "server.properties")),
        folder=folder,
        environ={"PATH": os.defpath, "HOME": str(folder), "LANG": "C.UTF-8"},
        ports=ports,
        log=place.log("kafka"),
        record=place.record("kafka"),
        account=place.account,
    )
    # Kafka writes this file last when it formats: without it, formatting was never finished.
    if not (data / "meta.properties").exists():
        _format(launch, jvm, install)
    return launch


def _command(jvm: Jvm, install: Path, folder: Path, heap_mb: int, *program: str) -> tuple[str, ...]:
    return (
        str(jvm.java),
        f"-Xms{heap_mb // 2}m",
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-XX:+ExitOnOutOfMemoryError",
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        "-cp",
        f"{install}/*",
        *program,
    )


def _format(launch: Launch, jvm: Jvm, install: Path) -> None:
    settings = str(launch.folder / "server.properties")
    tool = ("kafka.tools.StorageTool", "format", "-t", _cluster_id(), "-c", settings)
    launch.log.parent.mkdir(parents=True, exist_ok=True)
    account = launch.account
    try:
        with launch.log.open("wb") as output:
            subprocess.run(
                _command(jvm, install, launch.folder, 128, *tool),
                cwd=launch.folder,
                env=dict(launch.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
                timeout=FORMAT_TIMEOUT_S,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
    except subprocess.SubprocessError as error:
        raise failed_start(f"The storage of {launch.title}", launch.log, "could not be formatted") from error


def _cluster_id() -> str:
    # 16 bytes in URL-safe base64, as Kafka wants them; a leading dash would look like an option.
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "A")
