from __future__ import annotations

import socket
from pathlib import Path

from hypercare.engines.ports import LOOPBACK, is_free, keep_or_choose, remembered


def test_ports_are_remembered(tmp_path: Path) -> None:
    file, said = tmp_path / "ports.json", list[str]()
    first = keep_or_choose(file, ("a", "b"), say=said.append)
    assert keep_or_choose(file, ("a", "b"), say=said.append) == first
    assert len(set(first.values())) == 2
    assert said == []


def test_a_port_taken_by_a_stranger_is_told_and_replaced(tmp_path: Path) -> None:
    file, said = tmp_path / "ports.json", list[str]()
    old = keep_or_choose(file, ("a", "b"), say=said.append)
    with socket.socket() as stranger:
        stranger.bind((LOOPBACK, old["a"]))
        stranger.listen()
        assert not is_free(old["a"])
        new = keep_or_choose(file, ("a",), say=said.append, patience_s=0)
    assert new["a"] != old["a"]
    assert said == [f"Port {old['a']} (a) is used by another program; using {new['a']} from now on."]
    assert remembered(file) == {"a": new["a"], "b": old["b"]}


def test_a_damaged_file_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    file.write_text("{half", encoding="utf-8")
    assert remembered(file) == {}
