"""One Elasticsearch node on loopback: configuration and the command that runs it, for versions 8 and 9."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from hypercare.engines.atomic_file import read_json, write_json
from hypercare.engines.equip import Kit
from hypercare.engines.java import Jvm
from hypercare.engines.place import Place
from hypercare.engines.ports import LOOPBACK
from hypercare.engines.process import Launch
from hypercare.engines.server_settings import ELASTICSEARCH, ELASTICSEARCH_GEOIP, elasticsearch_heap_options
from hypercare.engines.unprivileged import hand_over

PORTS = ("elasticsearch", "elasticsearch-transport")
WRITTEN_BY = "written-by.json"

# An unknown setting aborts the start.
GEOIP_MODULE = "ingest-geoip"

# Two garbage collectors abort the start, and logging every collection fills the disk.
NOT_OURS = re.compile(r"^(?=-XX:\+UseG1GC|-Xlog:gc)", re.MULTILINE)
JVM_OPTIONS = ("-XX:+UseSerialGC", "-XX:-AlwaysPreTouch", "-XX:-UsePerfData")
# The launcher only starts the server and waits for it.
LAUNCHER_JVM_OPTIONS = ("-Xms8m", "-Xmx64m", "-XX:+UseSerialGC", "-XX:-UsePerfData")


def prepare_elasticsearch(place: Place, kit: Kit, ports: dict[str, int], heap_mb: int) -> Launch:
    """Write the configuration and return how to start Elasticsearch."""
    jvm, install = kit.jvm, place.cache / kit.distribution.name
    folder = place.folder("elasticsearch")
    for name in ("config", "data", "logs", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _write_config(install, folder, ports, heap_mb)
    hand_over(folder, place.account)
    is_9 = (install / "lib" / "tools" / "server-launcher").is_dir()
    return Launch(
        title=kit.distribution.title,
        command=_command_9(jvm, install) if is_9 else _command_8(jvm, install, folder),
        # It looks for its modules where it starts, whatever ES_HOME says.
        folder=install,
        environ=_environ(jvm, install, folder),
        ports=ports,
        log=place.log("elasticsearch"),
        record=place.record("elasticsearch"),
        account=place.account,
    )


def written_by(place: Place) -> str:
    """Return the title of the distribution whose data lie in ``place``, empty without data or when it is not known."""
    folder = place.folder("elasticsearch")
    try:
        empty = not any((folder / "data").iterdir())
    except OSError:
        empty = True
    return "" if empty else str(read_json(folder / WRITTEN_BY).get("title", ""))


def note_written_by(place: Place, title: str) -> None:
    """Note which distribution opened the data in ``place``: only once it did, a failed start must not claim them."""
    write_json(place.folder("elasticsearch") / WRITTEN_BY, {"title": title})


def _write_config(install: Path, folder: Path, ports: dict[str, int], heap_mb: int) -> None:
    config = folder / "config"
    shutil.copytree(install / "config", config, dirs_exist_ok=True)
    settings = _settings(folder, ports)
    if (install / "modules" / GEOIP_MODULE).is_dir():
        settings |= ELASTICSEARCH_GEOIP
    lines = [f"{name}: {value}\n" for name, value in settings.items()]
    (config / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
    options = config / "jvm.options"
    options.write_text(NOT_OURS.sub("#", options.read_text(encoding="utf-8")), encoding="utf-8")
    own = config / "jvm.options.d" / "hypercare.options"
    own.parent.mkdir(exist_ok=True)
    own.write_text("\n".join((*elasticsearch_heap_options(heap_mb), *JVM_OPTIONS)) + "\n", encoding="utf-8")


def _settings(folder: Path, ports: dict[str, int]) -> dict[str, str]:
    return {
        **ELASTICSEARCH,
        "node.name": "local",
        "network.host": LOOPBACK,
        "http.port": str(ports["elasticsearch"]),
        "transport.port": str(ports["elasticsearch-transport"]),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        # A laptop's disk is often nearly full; the default would then refuse to write at all.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
        # Loopback only, one user's machine; real deployments use engines of yours.
        "xpack.security.enabled": "false",
    }


def _command_9(jvm: Jvm, install: Path) -> tuple[str, ...]:
    return (
        str(jvm.java),
        *LAUNCHER_JVM_OPTIONS,
        "-cp",
        f"{install}/lib/tools/server-launcher/*",
        "org.elasticsearch.server.launcher.ServerLauncher",
    )


def _command_8(jvm: Jvm, install: Path, folder: Path) -> tuple[str, ...]:
    return (
        str(jvm.java),
        *LAUNCHER_JVM_OPTIONS,
        "-Dcli.name=server",
        f"-Dcli.script={install}/bin/elasticsearch",
        "-Dcli.libs=lib/tools/server-cli",
        f"-Des.path.home={install}",
        f"-Des.path.conf={folder}/config",
        "-Des.distribution.type=tar",
        "-Des.java.type=ES_JAVA_HOME",
        "-cp",
        f"{install}/lib/*:{install}/lib/cli-launcher/*",
        "org.elasticsearch.launcher.CliToolLauncher",
    )


def _environ(jvm: Jvm, install: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "JAVA": str(jvm.java),
        "ES_JAVA_HOME": str(jvm.home),
        "ES_HOME": str(install),
        "ES_PATH_CONF": str(folder / "config"),
        "ES_DISTRIBUTION_TYPE": "tar",
        "JAVA_TYPE": "ES_JAVA_HOME",
        "CLI_JAVA_OPTS": " ".join(LAUNCHER_JVM_OPTIONS),
        "ES_TMPDIR": str(folder / "tmp"),
    }
