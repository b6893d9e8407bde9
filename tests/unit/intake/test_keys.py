"""Keys: kept hashed, read again when they change, shown once."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.errors import Stop
from hypercare.cli import app
from producers.intake.hooks.every import HOOKS, PURPOSES
from producers.intake.key_file import LOOK_EVERY_S, NAME, KeyFile, change_keys, read_keys
from producers.intake.keys import ALPHABET, TOKEN_CHARS, Ring, new_token
from tests.unit.intake.desk import SIGNING, TOKEN, key, signed_key


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPERCARE_HOME", str(tmp_path))
    return tmp_path


def run(*words: str, given: str = "") -> str:
    result = CliRunner().invoke(app, ["keys", *words], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_a_token_opens_until_it_is_revoked_without_a_restart(home: Path) -> None:
    made = json.loads(run("create", "--for", "feedback", "--project", "shop", "--json"))
    clock = [0.0]
    ring = KeyFile(home / NAME, lambda: clock[0]).ring
    found = ring().of_token(made["token"])
    assert found is not None
    assert (found.id, found.project, found.allows("feedback"), found.allows("calls")) == (
        made["id"],
        "shop",
        True,
        False,
    )
    run("revoke", made["id"])
    clock[0] += LOOK_EVERY_S
    assert ring().of_token(made["token"]) is None


def test_nothing_that_proves_a_key_is_kept_or_listed(home: Path) -> None:
    made = json.loads(run("create", "--for", "calls", "--for", "kong", "--json"))
    kept = (home / NAME).read_text()
    assert made["token"] not in kept
    assert made["token"][8:] not in kept
    assert stat.S_IMODE((home / NAME).stat().st_mode) == 0o600
    for listed in (run("list"), run("list", "--json")):
        assert made["id"] in listed
        assert made["token"] not in listed
        assert "sha256" not in listed


def test_a_vendor_secret_comes_from_the_input_and_is_gone_when_revoked(home: Path) -> None:
    made = json.loads(run("create", "--for", "zendesk", "--secret-file", "-", "--json", given=SIGNING + "\n"))
    assert made["paths"] == [f"/v1/hooks/zendesk/{made['id']}"]
    assert SIGNING not in json.dumps(made)
    (found,) = read_keys(home / NAME)
    assert found.signing_secret.get_secret_value() == SIGNING
    assert SIGNING not in repr(found)
    run("revoke", made["id"])
    assert SIGNING not in (home / NAME).read_text()


def test_a_signing_secret_of_ours_is_shown_once(home: Path) -> None:
    made = json.loads(run("create", "--for", "standard", "--sign", "--json"))
    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in run("list")
    assert "Signing secret, shown this once" in run("create", "--for", "github", "--sign")
    assert len(read_keys(home / NAME)) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["create", "--for", "everything"], "no purpose 'everything'"),
        (["create", "--for", "calls", "--sign"], "one purpose that signs"),
        (["create", "--for", "zendesk", "--for", "jira", "--sign"], "one purpose that signs"),
        (["create", "--for", "calls", "--project", "My Shop"], "project"),
        (["create", "--for", "generic"], "needs a mapping"),
        (["revoke", "abcdefgh"], "no key abcdefgh"),
    ],
)
def test_what_cannot_be_is_said_with_its_fix(home: Path, words: list[str], said: str) -> None:
    with pytest.raises(Stop) as stop:
        run(*words)
    assert said in stop.value.problem
    assert stop.value.fix
    assert read_keys(home / NAME) == ()


def test_a_mapping_is_checked_when_its_key_is_made(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mapping.json"
    file.write_text('{"event": "feedback", "fields": {"txt": "a.b"}}')
    with pytest.raises(Stop, match="txt: Feedback has no such field"):
        run("create", "--for", "generic", "--mapping", str(file))
    file.write_text('{"event": "feedback", "fields": {"text": "a.b", "rating.value": "n"}}')
    run("create", "--for", "generic", "--mapping", str(file))
    assert read_keys(home / NAME)[0].mapping["fields"]["text"] == "a.b"


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    file = tmp_path / "deep" / NAME
    tokens = [new_token() for _ in range(20)]
    threads = [
        threading.Thread(target=change_keys, args=(file, lambda keys, token=token: (*keys, key(token=token))))
        for token in tokens
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.id for one in read_keys(file)} == {token[:8] for token in tokens}


def test_a_damaged_file_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / NAME
    change_keys(file, lambda keys: (*keys, key()))
    clock = [0.0]
    ring = KeyFile(file, lambda: clock[0]).ring
    assert ring().of_token(TOKEN)
    file.write_text("{")
    clock[0] += LOOK_EVERY_S
    for _ in range(2):
        with pytest.raises(Stop, match="cannot be used"):
            ring()
    file.unlink()
    assert ring().of_token(TOKEN) is None


def test_a_signed_key_has_no_token_and_a_token_no_signature() -> None:
    both = Ring({one.id: one for one in (key(), signed_key("zendesk"))})
    assert both.of_token("") is None
    assert both.of_token("sssssss2" + "a" * 24) is None
    assert both.of_id(TOKEN[:8]) is None
    assert both.of_id("sssssss2") is not None
    assert both.of_token(TOKEN) is not None


def test_tokens_are_long_and_of_plain_letters() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == TOKEN_CHARS and set(token) <= set(ALPHABET) for token in tokens)
    assert set(HOOKS) < set(PURPOSES)
