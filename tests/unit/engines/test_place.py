from __future__ import annotations

import os
from pathlib import Path

from hypercare.engines.place import ROOT_CACHE, ROOT_HOMES, settle
from hypercare.engines.settings import EngineSettings
from hypercare.engines.unprivileged import Account, account_for_engines, can_enter

NOBODY_HERE = Account(name="stranger", uid=64_000, gid=64_000)


def test_an_ordinary_user_gets_what_was_asked_for(tmp_path: Path) -> None:
    place = settle(EngineSettings(home=tmp_path / "h", cache=tmp_path / "c"), effective_uid=1000, environ={})
    assert (place.home, place.cache, place.account, place.note) == (tmp_path / "h", tmp_path / "c", None, "")


def test_root_gives_way_to_nobody_or_to_who_called_sudo() -> None:
    nobody = account_for_engines(effective_uid=0, environ={})
    assert nobody is not None
    assert nobody.name == "nobody"
    again = account_for_engines(effective_uid=0, environ={"SUDO_UID": str(nobody.uid)})
    assert again == nobody
    assert account_for_engines(effective_uid=0, environ={"SUDO_UID": "0"}) == nobody


def test_a_closed_folder_on_the_way_keeps_a_stranger_out(tmp_path: Path) -> None:
    for mode, enters in ((0o755, True), (0o711, True), (0o700, False)):
        tmp_path.chmod(mode)
        # Whether the folders above are open is not ours to say.
        alone = can_enter(tmp_path / "not" / "there", NOBODY_HERE)
        assert alone is (enters and can_enter(tmp_path.parent, NOBODY_HERE))


def test_root_moves_out_of_a_home_that_the_engines_cannot_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    os.chmod(closed, 0o600)  # noqa: PTH101 - no x for anybody, whoever owns it
    try:
        settings = EngineSettings(home=closed / "home", cache=closed / "cache")
        first, again = (settle(settings, effective_uid=0, environ={}) for _ in range(2))
    finally:
        closed.chmod(0o700)
    assert first == again
    assert first.home.parent == ROOT_HOMES
    assert first.cache == ROOT_CACHE
    assert "nobody" in first.note
    assert str(ROOT_CACHE) in first.note


def test_the_folders_of_an_instance_lie_below_its_home() -> None:
    place = settle(EngineSettings(home=Path("/x/h"), cache=Path("/x/c")), effective_uid=1000, environ={})
    inside = (place.lock, place.ports, place.folder("kafka"), place.log("kafka"), place.record("kafka"))
    assert all(path.is_relative_to(place.home) for path in inside)
