"""Fetch a distribution from Maven Central with the user's own Maven, so through their mirrors and proxies."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from contracts.errors import Stop
from hypercare.engines.distributions import Distribution
from hypercare.engines.java import installed_jvms
from hypercare.engines.process import last_lines

PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
KEPT_FOLDER = "elasticsearch"
POLL_S = 0.2
COPY_BYTES = 1 << 20
INSTALL_MAVEN = (
    "Install Maven: Debian or Ubuntu `apt-get install maven`, Fedora `dnf install maven`, "
    "macOS `brew install maven`; or set HYPERCARE_KAFKA and HYPERCARE_ELASTICSEARCH to engines of yours."
)
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>hypercare</groupId><artifactId>engine</artifactId><version>1</version>
  <dependencies>{dependencies}</dependencies>
</project>
"""
DEPENDENCY = """
    <dependency>
      <groupId>{group}</groupId><artifactId>{artifact}</artifactId><version>{version}</version>
    </dependency>"""


def find_maven(environ: Mapping[str, str] = os.environ) -> str:
    """Return the path of ``mvn``, or raise `Stop` with how to install it."""
    found = shutil.which("mvn", path=environ.get("PATH", ""))
    if found is None:
        raise Stop("Maven (mvn) is not on the PATH; the local engines are downloaded with it.", fix=INSTALL_MAVEN)
    return found


def fetch_with_maven(what: Distribution, staging: Path, tick: Callable[[], None]) -> Path:
    """Download ``what`` below ``staging`` and return the folder with all of it, calling ``tick`` meanwhile.

    Maven keeps what it already has in ``staging/maven``, so that a broken download goes on from there.
    """
    mvn = find_maven()
    repository = staging / "maven"
    whole = staging / "whole"
    shutil.rmtree(whole, ignore_errors=True)
    _drop_orphans(repository)
    log = staging / "maven.log"
    goal = _copy_jars(what, staging, whole) if what.kind == "jars" else _get_zip(what)
    command = [mvn, "-B", "-q", "-C", "-Dstyle.color=never", f"-Dmaven.repo.local={repository}", *goal]
    _run(command, staging, log, tick)
    if what.kind == "zip":
        _unpack(what, repository, whole)
    return whole


def _copy_jars(what: Distribution, staging: Path, whole: Path) -> list[str]:
    names = [coordinate.split(":") for coordinate in what.coordinates]
    dependencies = "".join(DEPENDENCY.format(group=g, artifact=a, version=v) for g, a, v in names)
    pom = staging / "pom.xml"
    pom.write_text(POM.format(dependencies=dependencies), encoding="utf-8")
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={whole}"]
    return ["-f", str(pom), f"{PLUGIN}:copy-dependencies", *options]


def _get_zip(what: Distribution) -> list[str]:
    return [f"{PLUGIN}:get", f"-Dartifact={what.coordinates[0]}", "-Dtransitive=false"]


def _run(command: list[str], folder: Path, log: Path, tick: Callable[[], None]) -> None:
    environ = dict(os.environ)
    if "JAVA_HOME" not in environ and shutil.which("java") is None and (jvms := installed_jvms()):
        environ["JAVA_HOME"] = str(jvms[-1].home)
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as mvn,
    ):
        try:
            while mvn.poll() is None:
                tick()
                time.sleep(POLL_S)
        finally:
            mvn.terminate()
    if mvn.returncode != 0:
        raise Stop(
            f"Maven could not download it (exit code {mvn.returncode}). Its last lines:\n{last_lines(log)}",
            fix=(
                "Check the connection to Maven Central, or the mirror and proxy in your Maven settings.xml, "
                "then start again: what is already here is kept."
            ),
        )


def _unpack(what: Distribution, repository: Path, whole: Path) -> None:
    group, artifact, version, _ = what.coordinates[0].split(":")
    file = repository.joinpath(*group.split("."), artifact, version, f"{artifact}-{version}.zip")
    try:
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                _keep(archive, entry, whole)
    except (OSError, zipfile.BadZipFile) as error:
        shutil.rmtree(file.parent, ignore_errors=True)
        raise Stop(
            f"The download of {what.title} could not be unpacked: {error}.",
            fix="Check the free disk space and start again: it is downloaded anew.",
        ) from error
    # Version 8 makes this folder if it is not there, where its user may not write.
    (whole / "plugins").mkdir(exist_ok=True)
    file.unlink()


def _keep(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, whole: Path) -> None:
    parts = PurePosixPath(entry.filename).parts
    inside = parts[2:]
    if entry.is_dir() or parts[1:2] != (KEPT_FOLDER,) or not inside or ".." in inside:
        return
    target = whole.joinpath(*inside)
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as source, target.open("wb") as kept:
        shutil.copyfileobj(source, kept, COPY_BYTES)


def _drop_orphans(repository: Path) -> None:
    # Later Mavens download into a file with a random name, which no later run would find again.
    for orphan in repository.rglob("*.tmp"):
        orphan.unlink(missing_ok=True)
