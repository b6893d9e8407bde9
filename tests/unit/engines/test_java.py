from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.equip import equip_kafka
from hypercare.engines.java import Jvm, at_least, installed_jvms
from hypercare.engines.maven import find_maven


def make_jvm(folder: Path, version: str) -> Path:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text("#!/bin/sh\n", encoding="utf-8")
    java.chmod(0o755)
    (folder / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n', encoding="utf-8")
    return folder


def test_the_path_is_not_the_only_place_looked_at(tmp_path: Path) -> None:
    on_path = make_jvm(tmp_path / "a" / "17", "17.0.15")
    beside = make_jvm(tmp_path / "jvms" / "25", "25")
    make_jvm(tmp_path / "jvms" / "8", "1.8.0_400")
    (tmp_path / "jvms" / "empty").mkdir()
    found = installed_jvms({"PATH": str(on_path / "bin")}, roots=[f"{tmp_path}/jvms/*"])
    assert [jvm.major for jvm in found] == [8, 17, 25]
    assert found[-1].home == beside


def test_one_java_found_twice_counts_once(tmp_path: Path) -> None:
    home = make_jvm(tmp_path / "21", "21.0.1")
    environ = {"JAVA_HOME": str(home), "PATH": str(home / "bin")}
    assert len(installed_jvms(environ, roots=[f"{tmp_path}/*"])) == 1


def test_a_named_java_is_the_only_one(tmp_path: Path) -> None:
    make_jvm(tmp_path / "25", "25.0.1")
    wanted = make_jvm(tmp_path / "17", "17.0.1")
    found = installed_jvms({"HYPERCARE_JAVA": str(wanted)}, roots=[f"{tmp_path}/*"])
    assert [jvm.major for jvm in found] == [17]


def test_a_named_java_that_is_none_is_a_stop(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="HYPERCARE_JAVA"):
        installed_jvms({"HYPERCARE_JAVA": str(tmp_path)})


def test_the_lowest_that_fits_is_taken(tmp_path: Path) -> None:
    jvms = [Jvm(home=tmp_path, major=major) for major in (8, 25, 21, 17)]
    assert [found and found.major for found in (at_least(n, jvms) for n in (17, 21, 22, 26))] == [
        17,
        21,
        25,
        None,
    ]


@pytest.mark.parametrize("jvms", [[], [8, 11]])
def test_without_a_java_that_fits_the_fix_names_three_ways_to_install_one(tmp_path: Path, jvms: list[int]) -> None:
    with pytest.raises(Stop) as stop:
        equip_kafka([Jvm(home=tmp_path, major=major) for major in jvms], None)
    assert "Kafka 4.4.0 needs Java 17 or later" in stop.value.problem
    assert all(word in stop.value.fix for word in ("apt-get", "dnf", "brew"))


def test_without_maven_the_fix_names_three_ways_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(Stop) as stop:
        find_maven({"PATH": str(tmp_path)})
    assert all(word in stop.value.fix for word in ("apt-get", "dnf", "brew"))
