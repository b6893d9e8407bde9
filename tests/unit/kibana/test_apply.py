"""``hypercare kibana`` in front of a Kibana that holds it to the contract of imports."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import Stop
from hypercare.cli import main
from sinks.kibana.catalogue import SETTINGS, export, saved_objects
from sinks.kibana.client import Kibana, KibanaAccess
from sinks.kibana.compare import compare
from sinks.kibana.prefixed import prefixed
from sinks.kibana.saved_objects import ndjson
from tests.unit.front_door.pretended_stage import Ended
from tests.unit.kibana.lint import complaints
from tests.unit.kibana.stub import Stub, running

Run = Callable[..., Ended]
SECRET = "hunter2-Sommer"


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def address(stub: Stub) -> Iterator[str]:
    with running(stub) as found:
        yield found


@pytest.fixture
def hypercare(address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs a command; the Kibana is the stub."""
    monkeypatch.setenv("HYPERCARE_KIBANA", address)
    monkeypatch.setenv("HYPERCARE_ENGINES", "yours")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["hypercare", "kibana", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return Ended(int(ended.value.code or 0), told.out, told.err)

    return run


def client(address: str, **said: Any) -> Kibana:
    return Kibana(KibanaAccess(address, **said), sleep=lambda _: None)


def test_apply_puts_everything_in_place_and_again_changes_nothing(stub: Stub, hypercare: Run) -> None:
    assert hypercare("diff").code == 1
    first = hypercare("apply")
    assert (first.code, stub.imports) == (0, 1)
    assert f"{len(saved_objects())} objects are in place" in first.out
    assert set(stub.objects[""]) == {(one["type"], one["id"]) for one in saved_objects()}
    assert stub.settings == SETTINGS
    again = hypercare("apply")
    assert (again.code, stub.imports) == (0, 1), "nothing to import"
    assert f"{len(saved_objects())} of {len(saved_objects())} are as they should be" in again.out
    assert hypercare("diff").code == 0


def test_a_dry_run_says_what_would_change_and_changes_nothing(stub: Stub, hypercare: Run) -> None:
    told = hypercare("apply", "--dry-run")
    assert (told.code, stub.imports, stub.objects[""], stub.settings) == (0, 0, {}, {})
    assert told.out.count("new ") >= len(saved_objects())


def test_what_somebody_changed_is_named_and_put_back(stub: Stub, hypercare: Run) -> None:
    hypercare("apply")
    theirs = stub.objects[""]["dashboard", "hypercare-overview"]["attributes"]
    panels = json.loads(theirs["panelsJSON"])
    next(panel for panel in panels if panel["panelIndex"] == "calls")["title"] = "My calls"
    theirs["panelsJSON"] = json.dumps(panels)
    told = json.loads(hypercare("diff", "--json").out.partition("\n")[2])
    assert [(c["id"], c["what"]) for c in told if c["state"] == "changed"] == [("hypercare-overview", ["panel calls"])]
    hypercare("apply")
    assert hypercare("diff").code == 0


def test_an_edition_that_only_looks_different_is_imported_all_the_same(stub: Stub, hypercare: Run) -> None:
    hypercare("apply")
    stub.objects[""]["tag", "hypercare-tag"]["attributes"]["description"] = "What belongs to Hypercare (edition 0)"
    before = stub.imports
    assert "changed  tag            Hypercare: description" in hypercare("apply").out
    assert stub.imports == before + 1
    hypercare("apply")
    assert stub.imports == before + 1


def test_where_calls_are_sampled_the_dashboards_say_so(
    stub: Stub, hypercare: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    hypercare("apply")
    monkeypatch.setenv("HYPERCARE_SUCCESSFUL_CALLS", "sample")
    told = hypercare("apply").out
    assert "[Hypercare] After go-live: places, panel sampled, panel adoption 24 of" in " ".join(told.split())
    assert "one in 10" in json.dumps(stub.objects[""]["dashboard", "hypercare-go-live"])
    monkeypatch.delenv("HYPERCARE_SUCCESSFUL_CALLS")
    hypercare("apply")
    assert "one in 10" not in json.dumps([*stub.objects[""].values()])


def test_a_space_of_our_own_opens_on_the_overview_unless_somebody_chose_otherwise(stub: Stub, hypercare: Run) -> None:
    hypercare("apply")
    assert set(stub.settings) == set(SETTINGS), "the space of everybody is left alone"
    stub.settings["defaultIndex"] = "theirs"
    hypercare("apply", "--space", "team", "--prefix", "one")
    assert stub.settings["defaultRoute"] == "/app/dashboards#/view/one-hypercare-overview"
    assert ("dashboard", "one-hypercare-overview") in stub.objects["team"]
    assert stub.settings["defaultIndex"] == "theirs"


def test_what_is_not_ours_any_more_is_named_and_left_and_others_are_not_spoken_of(stub: Stub, hypercare: Run) -> None:
    hypercare("apply")
    for name in ("hypercare-old", "somebody-else"):
        stub.objects[""]["dashboard", name] = {"type": "dashboard", "id": name, "attributes": {"title": name}}
    told = hypercare("apply").out
    assert "hypercare-old" in told
    assert "somebody-else" not in told
    assert ("dashboard", "hypercare-old") in stub.objects[""]


def test_a_space_and_a_prefix_keep_two_of_them_apart(stub: Stub, hypercare: Run) -> None:
    assert hypercare("apply", "--space", "team").code == 0
    assert hypercare("apply", "--space", "team", "--prefix", "acme").code == 0
    assert not stub.objects[""]
    assert len(stub.objects["team"]) == 2 * len(saved_objects())
    assert hypercare("diff", "--space", "team").code == 0, "one does not touch the other"
    assert hypercare("apply", "--space", "nowhere").code == 1


def test_prefixed_objects_are_whole(hypercare: Run) -> None:
    ours = prefixed(saved_objects(), "acme-")
    assert all(one["id"].startswith("acme-hypercare") for one in ours)
    text = ndjson(ours).decode()
    assert "#/view/hypercare" not in text
    assert "#/view/acme-hypercare-overview" in text
    found = [said for said in complaints(ndjson(ours)) if "an id that others may use" not in said]
    assert found == []
    assert hypercare("export", "--prefix", "Not An Id").code == 2


def test_it_waits_until_kibana_is_ready(stub: Stub, address: str) -> None:
    stub.starting = 3
    said: list[str] = []
    assert client(address).wait(say=said.append) == "8.9.0"
    assert said == ["waiting for Kibana: it answers 503, unknown"], "said once"


def test_it_gives_up_waiting(address: str) -> None:
    with pytest.raises(Stop, match="not ready after 4 s"):
        client("http://127.0.0.1:9").wait(within_s=4)
    with pytest.raises(Stop, match="no plain URL"):
        client(address.replace("://", f"://elastic:{SECRET}@"))


def test_a_busy_kibana_is_asked_again(stub: Stub, address: str) -> None:
    stub.busy = 2
    assert client(address).take(export()) == len(saved_objects())


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ({"api_key": "aWQ6a2V5"}, "ApiKey aWQ6a2V5"),
        ({"user": "elastic", "password": SECRET}, "Basic ZWxhc3RpYzpodW50ZXIyLVNvbW1lcg=="),
    ],
)
def test_it_says_who_it_is_and_secrets_stay_out_of_messages(
    stub: Stub, address: str, said: dict[str, str], sent: str
) -> None:
    stub.authorization = sent
    assert client(address, **said).wait() == "8.9.0"
    stub.authorization = "ApiKey another"
    with pytest.raises(Stop) as stopped:
        client(address, **said).wait()
    told = f"{stopped.value} {stopped.value.fix} {KibanaAccess(address, **said)}"
    assert "401" in told
    for secret in (SECRET, "aWQ6a2V5", sent.partition(" ")[2]):
        assert secret not in told


def test_an_import_that_is_not_whole_is_no_success(stub: Stub, address: str) -> None:
    lacking = [one for one in saved_objects() if one["id"] != "hypercare-calls"]
    with pytest.raises(Stop, match="missing_references index-pattern hypercare-calls") as stopped:
        client(address).take(ndjson(lacking))
    assert "nothing counts as imported" in stopped.value.fix
    assert stub.objects[""] == {}


def test_a_file_for_a_newer_kibana_is_refused_as_a_whole(address: str) -> None:
    newer = [{**one, "typeMigrationVersion": "10.2.0"} for one in saved_objects()]
    with pytest.raises(Stop, match="422") as stopped:
        client(address).take(ndjson(newer))
    assert "8.8" in stopped.value.fix


def test_copies_with_other_ids_are_no_success(stub: Stub, address: str) -> None:
    stub.elsewhere = ("hypercare-overview",)
    with pytest.raises(Stop, match="taken in another space"):
        client(address).take(export())


def test_a_setting_that_cannot_be_changed_is_told_and_does_no_harm(stub: Stub, hypercare: Run) -> None:
    stub.settings_refused = True
    assert hypercare("apply", "--space", "team").code == 0, "the dashboards are there all the same"
    told = hypercare("apply")
    assert told.code == 0
    assert "Advanced Settings" in told.out


def test_export_writes_what_kibana_takes(stub: Stub, address: str, hypercare: Run, tmp_path: Path) -> None:
    assert hypercare("export", "--output", str(tmp_path / "all.ndjson")).code == 0
    assert (tmp_path / "all.ndjson").read_bytes() == export()
    assert hypercare("export").out.encode() == export()
    assert hypercare("export", "--output", str(tmp_path / "all.json")).code == 2
    client(address).take((tmp_path / "all.ndjson").read_bytes())
    assert {change.state for change in compare(saved_objects(), stub.objects[""], "hypercare-")} == {"same"}
