"""Find a Java that is new enough: the one on the PATH is often not the newest on the machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Stop

USUAL_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/opt/java/*",
    "/opt/jdk*",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
)
USUAL_FOLDERS_AT_HOME = (
    ".sdkman/candidates/java/*",
    ".jdks/*",
    "Library/Java/JavaVirtualMachines/*/Contents/Home",
)
INSTALL_JAVA = (
    "Install Java 21 or later: Debian or Ubuntu `apt-get install openjdk-21-jre-headless` (Debian 12 has "
    "openjdk-17-jre-headless, which does too), Fedora `dnf install java-21-openjdk-headless`, "
    "macOS `brew install openjdk@21`; or set HYPERCARE_JAVA to the folder of one."
)
ASKING_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Jvm:
    """One Java on this machine: ``home`` is its folder, ``major`` its version, as 21."""

    home: Path
    major: int

    @property
    def java(self) -> Path:
        """The program to run."""
        return self.home / "bin" / "java"


def installed_jvms(environ: Mapping[str, str] = os.environ, *, roots: Iterable[str] | None = None) -> tuple[Jvm, ...]:
    """Return every Java found, oldest first; only the one in ``HYPERCARE_JAVA`` when that is set."""
    wanted = environ.get("HYPERCARE_JAVA", "")
    homes = [Path(wanted)] if wanted else _candidate_homes(environ, roots=roots)
    found: dict[Path, Jvm] = {}
    for home in homes:
        java = home / "bin" / "java"
        if not os.access(java, os.X_OK):
            continue
        real = java.resolve().parent.parent
        if real not in found and (major := _major_of(real)):
            found[real] = Jvm(home=real, major=major)
    if wanted and not found:
        raise Stop(
            f"HYPERCARE_JAVA is {wanted}, but no Java can be run there.",
            fix="Set it to a folder that has bin/java, or unset it to search the usual places.",
        )
    return tuple(sorted(found.values(), key=lambda jvm: (jvm.major, str(jvm.home))))


def at_least(major: int, jvms: Iterable[Jvm], *, usable: Callable[[Jvm], bool] = lambda _: True) -> Jvm | None:
    """Return the lowest version that fits: the nearest to what the engine was made for."""
    fitting = [jvm for jvm in jvms if jvm.major >= major and usable(jvm)]
    return min(fitting, key=lambda jvm: jvm.major, default=None)


def _candidate_homes(environ: Mapping[str, str], *, roots: Iterable[str] | None) -> Iterator[Path]:
    if java_home := environ.get("JAVA_HOME"):
        yield Path(java_home)
    if on_path := shutil.which("java", path=environ.get("PATH", "")):
        yield Path(on_path).resolve().parent.parent
    if roots is None:
        own = environ.get("HOME", "")
        roots = (*USUAL_FOLDERS, *(f"{own}/{folder}" for folder in USUAL_FOLDERS_AT_HOME if own))
    for pattern in roots:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")))


def _major_of(home: Path) -> int:
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        release = ""
    return _parse_major(r'JAVA_VERSION="(\d+)(?:\.(\d+))?', release) or _ask(home)


def _ask(home: Path) -> int:
    try:
        answer = subprocess.run(
            [str(home / "bin" / "java"), "-version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=ASKING_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return _parse_major(r'version "(\d+)(?:\.(\d+))?', answer.stderr)


def _parse_major(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    if match is None:
        return 0
    first, second = int(match[1]), int(match[2] or 0)
    # Up to 8, Java called itself 1.8.
    return second if first == 1 else first
