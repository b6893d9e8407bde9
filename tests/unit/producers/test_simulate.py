from __future__ import annotations

import gzip
import json
import re
import time
from pathlib import Path

import pytest

from contracts.calls import GatewayCall
from contracts.feedback import Feedback
from contracts.quick import quick
from producers.importing import Kind, import_file
from producers.outlet import MemoryOutlet
from producers.simulate.__main__ import main
from producers.simulate.sample import CHECKOUT_FILE, ERP_FILE, FEEDBACK_FILE, sample, write_sample

KINDS: dict[str, Kind] = {CHECKOUT_FILE: "calls", ERP_FILE: "calls", FEEDBACK_FILE: "feedback"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder)
    return folder


def truth(folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = json.loads((folder / "truth.json").read_text())
    return found


@pytest.mark.parametrize("name", KINDS)
def test_import_finds_exactly_what_was_planted(folder: Path, name: str) -> None:
    outlet = MemoryOutlet()
    report = import_file(str(folder / name), kind=KINDS[name], publisher=outlet, keep_times=True)
    planted = truth(folder)["files"][name]
    assert report.published == planted["events"]
    assert dict(report.reasons) == planted["reasons"]


def test_failed_payments_are_those_of_safari_on_ios(folder: Path) -> None:
    outlet = MemoryOutlet()
    import_file(str(folder / CHECKOUT_FILE), kind="calls", publisher=outlet)
    calls = [event for event in outlet.events if isinstance(event, quick(GatewayCall))]
    failed = [call for call in calls if call.response.status in {502, 504}]
    assert len(failed) == truth(folder)["problems"]["payment"]["failed_calls"]
    assert 0.003 <= len(failed) / len(calls) <= 0.01
    assert {call.request.path for call in failed} == {"/api/payments"}
    assert all("iPhone" in (call.client.user_agent or "") for call in failed)


def test_feedback_refers_to_failed_calls(folder: Path) -> None:
    outlet = MemoryOutlet()
    import_file(str(folder / FEEDBACK_FILE), kind="feedback", publisher=outlet)
    pieces = [event for event in outlet.events if isinstance(event, Feedback)]
    assert sum(piece.trace.trace_id is not None for piece in pieces) > 15
    assert {piece.language for piece in pieces} == {"en", "de", "fr", "es"}


def test_same_seed_makes_the_same_files(tmp_path: Path) -> None:
    write_sample(tmp_path / "a", seed=7)
    write_sample(tmp_path / "b", seed=7)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert sample(7).files != sample(8).files


def test_sample_is_small_and_quickly_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = time.perf_counter()
    assert main(["--out", str(tmp_path)]) == 0
    assert time.perf_counter() - before < 2
    assert sum(len(gzip.compress(file.read_bytes())) for file in tmp_path.iterdir()) < 400_000
    assert "6000 good" in capsys.readouterr().out


@pytest.mark.parametrize("name", KINDS)
def test_only_documentation_hosts_and_addresses_occur(name: str) -> None:
    text = sample().files[name].decode()
    assert set(re.findall(r"\b(?:[a-z]+\.)?example\.(\w+)", text)) <= {"com", "net"}
    addresses = re.findall(r"\b(?!\d+\.0\.0\.0|137\.)(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\b", text)
    assert set(addresses) <= {"192.0.2", "198.51.100", "203.0.113"}
