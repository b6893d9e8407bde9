"""An Elasticsearch with security and TLS, for tests: a certificate and an administrator of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypercare.engines.console_progress import QuietProgress
from hypercare.engines.download import install
from hypercare.engines.elasticsearch_node import PORTS, prepare_elasticsearch
from hypercare.engines.equip import equip_elasticsearch
from hypercare.engines.java import installed_jvms
from hypercare.engines.maven import fetch_with_maven
from hypercare.engines.place import settle
from hypercare.engines.ports import keep_or_choose
from hypercare.engines.process import last_lines, launch, note_children, stop
from hypercare.engines.settings import EngineSettings
from hypercare.engines.unprivileged import hand_over
from hypercare.settings import Settings
from sinks.elasticsearch.access import Access

ADMIN, PASSWORD = "administrator", "test-only-admin"
HASHED = "$2a$04$abcdefghijklmnopqrstuuNCgKD.TKmdm.0XL7FUOiDkVpVZccsX6"
"""The same password for the file of users, as bcrypt has it."""
READY_WITHIN_S = 120.0


@contextmanager
def secured_elasticsearch() -> Iterator[Access]:
    """Start it, yield how its administrator reaches it, stop it."""
    home = Path(tempfile.mkdtemp(prefix="hypercare-secured-"))
    home.chmod(0o755)
    asked = Settings()
    place = settle(EngineSettings(home=home, cache=asked.cache))
    place.prepare()
    kit = equip_elasticsearch(
        installed_jvms(os.environ), place.account, version=asked.elasticsearch_version, written_by=""
    )
    install([kit.distribution], place.cache, QuietProgress(), fetch=fetch_with_maven)
    ports = keep_or_choose(place.ports, PORTS, say=lambda _: None)
    started = prepare_elasticsearch(place, kit, ports, 512)
    config = place.folder("elasticsearch") / "config"
    certificate = _secure(config)
    hand_over(place.folder("elasticsearch"), place.account)
    record = place.record("elasticsearch")
    public = home / "ca.pem"
    shutil.copy(certificate, public)
    access = Access(f"https://127.0.0.1:{ports['elasticsearch']}", user=ADMIN, password=PASSWORD, ca=str(public))
    try:
        launch(started)
        _await(access, place.log("elasticsearch"))
        note_children(record)
        yield access
    finally:
        stop(record)
        shutil.rmtree(home, ignore_errors=True)


def _secure(config: Path) -> Path:
    certificate, key = config / "http.pem", config / "http.key"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    settings = config / "elasticsearch.yml"
    said = settings.read_text().replace("xpack.security.enabled: false", "xpack.security.enabled: true")
    said += "xpack.security.http.ssl.enabled: true\nxpack.security.authc.api_key.enabled: true\n"
    said += f"xpack.security.http.ssl.key: {key}\nxpack.security.http.ssl.certificate: {certificate}\n"
    settings.write_text(said)
    (config / "users").write_text(f"{ADMIN}:{HASHED}\n")
    (config / "users_roles").write_text(f"superuser:{ADMIN}\n")
    return certificate


def _await(access: Access, log: Path) -> None:
    client = access.client()
    until = time.monotonic() + READY_WITHIN_S
    try:
        while not client.ping():
            assert time.monotonic() < until, last_lines(log)
            time.sleep(0.5)
        client.cluster.health(wait_for_status="yellow", timeout="60s")
    finally:
        client.close()
