"""What must not be stored, and what must stay readable."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.pseudonyms import pseudonym, pseudonym_of_person
from contracts.secrets import mask_path, mask_query, mask_secrets, may_hold_token

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("query", "masked"),
    [
        ("a=1&access_token=abc&b=2", "a=1&access_token=***&b=2"),
        ("api_key=k;page=2", "api_key=***;page=2"),
        ("X-Amz-Signature=abc&x=1", "X-Amz-Signature=***&x=1"),
        ("password=&next=/", "password=***&next=/"),
        (f"t={JWT}", "t=***"),
        ("page=2&sort=key", "page=2&sort=key"),
        ("monkey=banana", "monkey=banana"),
        ("email=ana%40example.com&page=1", "email=***&page=1"),
        ("q=ana@example.com", "q=***"),
        ("user_phone=15550142", "user_phone=***"),
        ("postcard=1", "postcard=1"),
        ("PHPSESSID=abc", "PHPSESSID=***"),
        ("user[password]=abc&newPassword=abc", "user[password]=***&newPassword=***"),
    ],
)
def test_queries(query: str, masked: str) -> None:
    assert mask_query(query)[0] == masked


@pytest.mark.parametrize(
    "text",
    [
        "my password: hunter2hunter2",
        'config {"api_key": "abcd1234abcd"}',
        "Authorization: Bearer abcdefghijklmnop",
        f"token {JWT} expired",
        "sk_live_abcdefabcdef12345678",
        "ghp_abcdefghijklmnopqrstuv",
        "header Basic dXNlcjpodW50ZXIy and no more",
        "postgres://user:hunter2@db/x",
        "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_secrets_in_text_are_masked_once_and_for_all(text: str) -> None:
    masked, count = mask_secrets(text)
    assert count >= 1
    assert "***" in masked
    assert not any(word in masked for word in ("hunter2", "abcd1234", "abcdefghij", JWT))
    assert mask_secrets(masked)[0] == masked


TOKENS = [
    "eyJh", "sk_a", "rk-a", "pk_a", "ghp_a", "gho_a", "ghu_a", "ghs_a", "ghr_a", "github_pat_a",
    "ya29.a", "whsec_a", "glpat-a", "xoxb", "AKIAX", "ASIAX", "AIzaX",
]  # fmt: skip


@pytest.mark.parametrize("token", TOKENS)
def test_the_cheap_look_sees_every_token(token: str) -> None:
    assert may_hold_token(f"orders {token} None")
    assert not may_hold_token("orders None web-shop 10.0.3.8:8080 d5f4b3b2e4b06ce60741c7a87ce42c82")


@pytest.mark.parametrize(
    "text",
    [
        "The basic benchmark and Basic authentication",
        "The key to success is patience.",
        "It took 20:15 minutes",
        "see https://example.com/a?b=c",
        "token bucket",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert mask_secrets(text) == (text, 0)


def test_tokens_and_people_in_a_path() -> None:
    assert mask_path(f"/reset/{JWT}")[0] == "/reset/***"
    assert mask_path("/users/ana@example.com/orders") == ("/users/***/orders", 1)
    assert mask_path("/users/ana%40example.com")[0] == "/users/***"
    assert mask_path("/cart;jsessionid=AB12")[0] == "/cart;jsessionid=***"
    assert mask_path("/@handle/a.b") == ("/@handle/a.b", 0)


def test_hostile_text_costs_linear_time() -> None:
    began = time.process_time()
    for text in (
        "a" * 200_000,
        "token=" * 30_000,
        "://" * 60_000,
        "eyJ" * 60_000,
        "-----BEGIN PRIVATE KEY-----" * 5_000,
    ):
        mask_secrets(text)
        mask_query(text)
        mask_query("a@" * 50_000)
    assert time.process_time() - began < 10


@given(st.text(max_size=200), st.binary(min_size=1, max_size=16))
def test_pseudonyms_are_stable_and_idempotent(name: str, key: bytes) -> None:
    made = pseudonym(name, key)
    assert made == pseudonym(name, key)
    assert pseudonym(made, key) == made


def test_pseudonyms_need_the_key_and_ignore_case() -> None:
    assert pseudonym("Ana@Example.com ", b"k") == pseudonym("ana@example.com", b"k")
    assert pseudonym("a", b"k") != pseudonym("a", b"other")


@pytest.mark.parametrize(
    "written",
    [
        "ana@example.com",
        " ANA@Example.com ",
        "Ana Silva <ana@example.com>",
        "<ana@example.com>",
        "mailto:ana@example.com",
        "an\u0430@ex\u0430mple.com",
        "ana\u200b@example.com",
    ],
)
def test_a_person_has_one_pseudonym_however_a_channel_writes_the_address(written: str) -> None:
    assert pseudonym_of_person(written, b"k") == pseudonym("ana@example.com", b"k")


def test_tags_of_addresses_tell_accounts_apart() -> None:
    people = {
        pseudonym_of_person(name, b"k") for name in ("ana@example.com", "ana+shop@example.com", "ana+x@example.com")
    }
    assert len(people) == 3
    made = pseudonym_of_person("Ana", b"k")
    assert pseudonym_of_person(made, b"k") == made
