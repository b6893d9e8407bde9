"""Which Elasticsearch runs here: by the Java found, by the data in the home, by the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from hypercare.engines.elasticsearch_node import note_written_by, written_by
from hypercare.engines.equip import equip_elasticsearch
from hypercare.engines.java import Jvm
from hypercare.engines.place import Place
from hypercare.engines.settings import ElasticsearchVersion

EIGHT, NINE = "Elasticsearch 8.16.6", "Elasticsearch 9.4.3"


def jvms(*majors: int) -> list[Jvm]:
    return [Jvm(home=Path("/nowhere"), major=major) for major in majors]


@pytest.mark.parametrize(
    ("majors", "title", "on"), [((17,), EIGHT, 17), ((25,), NINE, 25), ((17, 21), NINE, 21), ((11, 17), EIGHT, 17)]
)
def test_the_java_that_is_here_decides(majors: tuple[int, ...], title: str, on: int) -> None:
    kit = equip_elasticsearch(jvms(*majors), None)
    assert (kit.distribution.title, kit.jvm.major) == (title, on)


def test_the_older_one_is_explained() -> None:
    assert equip_elasticsearch(jvms(17), None).reason == (
        "because Elasticsearch 9.4.3 needs Java 21, which was not found"
    )


@pytest.mark.parametrize(("version", "title"), [("8", EIGHT), ("9", NINE)])
def test_a_version_can_be_asked_for(version: ElasticsearchVersion, title: str) -> None:
    kit = equip_elasticsearch(jvms(17, 25), None, version=version)
    assert kit.distribution.title == title
    assert "HYPERCARE_ELASTICSEARCH_VERSION" in kit.reason


@pytest.mark.parametrize(("version", "majors", "needed"), [("8", (25,), "17 to 23"), ("9", (17,), "21 or later")])
def test_a_version_that_no_java_here_runs_is_a_stop(
    version: ElasticsearchVersion, majors: tuple[int, ...], needed: str
) -> None:
    with pytest.raises(Stop, match=f"needs Java {needed}"):
        equip_elasticsearch(jvms(*majors), None, version=version)


def test_what_wrote_the_data_stays() -> None:
    assert equip_elasticsearch(jvms(17, 25), None, written_by=EIGHT).distribution.title == EIGHT
    with pytest.raises(Stop, match=r"9\.4\.3 \(which wrote the data in this home\) needs Java 21"):
        equip_elasticsearch(jvms(17), None, written_by=NINE)


@pytest.mark.parametrize(("written", "version"), [(EIGHT, "9"), (NINE, "8")])
def test_the_other_version_is_refused_before_it_meets_the_data(written: str, version: ElasticsearchVersion) -> None:
    with pytest.raises(Stop, match="cannot open them") as stop:
        equip_elasticsearch(jvms(17, 25), None, version=version, written_by=written)
    assert "HYPERCARE_HOME" in stop.value.fix


def test_a_home_without_data_binds_nobody(tmp_path: Path) -> None:
    place = Place(home=tmp_path, cache=tmp_path)
    assert written_by(place) == ""
    folder = place.folder("elasticsearch")
    folder.mkdir()
    note_written_by(place, EIGHT)
    assert written_by(place) == ""
    (folder / "data" / "nodes").mkdir(parents=True)
    assert written_by(place) == EIGHT
