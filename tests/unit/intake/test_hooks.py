"""Webhooks: golden results, any damage to a sample, signatures, and where vendors put their keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cloudevents import rfc3339
from producers.intake.hooks.every import HOOKS
from producers.intake.signatures import WINDOW_S, standard_secret
from tests.unit.intake.desk import NOW, SIGNED, SIGNING, TOKEN, Desk, key, signed_key
from tests.unit.intake.golden_results import body_of, desk_for, golden_file, result_of, samples

OBJECTS = [
    (name, sample["body"], sample.get("headers", {}))
    for name in HOOKS
    for sample in samples(name)
    if isinstance(sample["body"], dict) and sample["body"]
]
DESKS = {name: desk_for(name) for name in HOOKS}
SIGNS = sorted(name for name, hook in HOOKS.items() if hook.check is not None)
VALUES: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.sampled_from(["-", "", "200", "2026-06-15T09:00:00Z", 1781514000, 1e300, "\x00", "\u202e", "a" * 10_000])
    | st.just([])
    | st.just({})
    | st.lists(st.integers() | st.text(max_size=3), max_size=2)
    | st.dictionaries(st.sampled_from(["id", "name", "text"]), st.integers(), max_size=2)
)


@pytest.mark.parametrize("name", HOOKS)
def test_samples_give_golden_results(name: str) -> None:
    assert result_of(name) == golden_file(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", HOOKS)
def test_the_first_sample_twice_is_one_event(name: str) -> None:
    desk, sample = desk_for(name), samples(name)[0]
    first = desk.send(f"/v1/hooks/{name}", body_of(sample), **sample.get("headers", {}))
    desk.now += timedelta(seconds=20)
    again = desk.send(f"/v1/hooks/{name}", body_of(sample), **sample.get("headers", {}))
    assert first.json()["accepted"] > 0
    assert first.json()["ids"] == again.json()["ids"]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inner:
        yield from _places(part, (*path, name))


def _changed(value: Any, path: tuple[Any, ...], new: Any, *, drop: bool) -> Any:
    whole = orjson.loads(orjson.dumps(value))
    part = whole
    for name in path[:-1]:
        part = part[name]
    if drop:
        del part[path[-1]]
    else:
        part[path[-1]] = new
    return whole


@settings(max_examples=600)
@given(start=st.sampled_from(OBJECTS), data=st.data())
def test_any_change_to_a_sample_is_taken_passed_over_or_a_dead_letter(
    start: tuple[str, Any, dict[str, str]], data: st.DataObject
) -> None:
    name, body, headers = start
    path = data.draw(st.sampled_from(list(_places(body))))
    try:
        changed = orjson.dumps(_changed(body, path, data.draw(VALUES), drop=data.draw(st.booleans())))
    except (TypeError, orjson.JSONEncodeError):  # integers above 64 bits
        return
    desk = DESKS[name].emptied()
    answer = desk.send(f"/v1/hooks/{name}", changed, **headers)
    assert answer.status_code in {202, 422}, answer.text
    letters = [message for message in desk.outlet.messages if message.topic.endswith(".dlq")]
    said = answer.json()
    if answer.status_code == 422:
        assert letters, "nothing is dropped silently"
        assert said["errors"][0]["reason"]
        assert "Traceback" not in answer.text
    else:
        assert said["accepted"] + len(letters) == len(desk.outlet.messages)
        assert said["accepted"] or said.get("ignored") or body.get("alerts") or body.get("batch"), said


@settings(max_examples=200)
@given(name=st.sampled_from(sorted(HOOKS)), body=st.binary(max_size=100))
def test_any_bytes_are_a_dead_letter_at_worst(name: str, body: bytes) -> None:
    assert DESKS[name].emptied().send(f"/v1/hooks/{name}", body).status_code in {202, 422}


@pytest.mark.parametrize("name", HOOKS)
def test_huge_and_deep_bodies_do_no_harm(name: str) -> None:
    for body in (b'{"a":' * 5_000, b"[" * 100_000, orjson.dumps({"text": "🦔" * 250_000}), b"{}" * 100_000):
        assert desk_for(name).send(f"/v1/hooks/{name}", body).status_code in {202, 422}


def _signature(name: str, body: bytes, moment: str, secret: str = SIGNING) -> dict[str, str]:
    """Signed as the vendor's documentation says, worked out here by itself."""
    if name == "zendesk":
        signed = base64.b64encode(hmac.new(secret.encode(), moment.encode() + body, hashlib.sha256).digest())
        return {
            "X-Zendesk-Webhook-Signature": signed.decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": moment,
        }
    if name in {"standard", "formbricks"}:
        signed = base64.b64encode(hmac.new(standard_secret(secret), f"m1.{moment}.".encode() + body, "sha256").digest())
        return {
            "webhook-id": "m1",
            "webhook-timestamp": moment,
            "webhook-signature": f"v1,AAAA v1,{signed.decode()}",
        }
    header, digest, prefix = {
        "jira": ("X-Hub-Signature", "sha256", "sha256="),
        "github": ("X-Hub-Signature-256", "sha256", "sha256="),
        "intercom": ("X-Hub-Signature", "sha1", "sha1="),
        "sentry": ("Sentry-Hook-Signature", "sha256", ""),
    }[name]
    return {header: prefix + hmac.new(secret.encode(), body, digest).hexdigest()}


def _moment(name: str, ago: float = 0) -> str:
    then = NOW - timedelta(seconds=ago)
    return rfc3339(then) if name == "zendesk" else str(int(then.timestamp()))


def _send(name: str, headers: dict[str, str], body: bytes, secret: str = SIGNING) -> int:
    desk = Desk(signed_key(name, secret))
    said = {**samples(name)[0].get("headers", {}), **headers}
    answer = desk.send(f"/v1/hooks/{name}/{SIGNED}", body, token=None, **said)
    assert bool(desk.outlet.messages) == (answer.status_code == 202)
    return answer.status_code


@pytest.mark.parametrize("name", SIGNS)
def test_only_what_is_signed_with_the_secret_is_taken(name: str) -> None:
    body = body_of(samples(name)[0])
    right = _signature(name, body, _moment(name))
    assert _send(name, right, body) == 202
    assert _send(name, {}, body) == 401
    assert _send(name, right, body + b" ") == 401
    assert _send(name, _signature(name, body, _moment(name), "another secret"), body) == 401
    assert _send(name, dict.fromkeys(right, "é"), body) == 401


@pytest.mark.parametrize("name", ["zendesk", "standard", "formbricks"])
def test_an_old_signature_is_refused_and_a_changed_time_fits_no_signature(name: str) -> None:
    body = body_of(samples(name)[0])
    for ago, status in ((WINDOW_S - 1, 202), (WINDOW_S + 1, 401), (-WINDOW_S + 1, 202), (-WINDOW_S - 1, 401)):
        assert _send(name, _signature(name, body, _moment(name, ago)), body) == status
    old = _signature(name, body, _moment(name, 10))
    stamped = {head: _moment(name) if "timestamp" in head.lower() else said for head, said in old.items()}
    assert _send(name, stamped, body) == 401


@pytest.mark.parametrize("name", ["zendesk", "standard", "formbricks"])
@pytest.mark.parametrize("said", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "9" * 30, "-1", "", "now"])
def test_a_time_that_cannot_be_is_no_proof(name: str, said: str) -> None:
    body = body_of(samples(name)[0])
    assert _send(name, _signature(name, body, said), body) == 401


def test_a_secret_of_standard_webhooks_is_base64_behind_its_prefix() -> None:
    secret = "whsec_" + base64.b64encode(b"twenty-four random bytes").decode()
    body = body_of(samples("standard")[0])
    assert _send("standard", _signature("standard", body, _moment("standard"), secret), body, secret) == 202
    assert standard_secret(secret) == b"twenty-four random bytes"


def test_a_signed_key_is_no_key_without_its_signature() -> None:
    desk = Desk(signed_key("zendesk"), key(("zendesk",)))
    body = body_of(samples("zendesk")[0])
    assert desk.send("/v1/hooks/zendesk", body, token=SIGNED + "a" * 24).status_code == 401
    assert desk.send(f"/v1/hooks/zendesk/{TOKEN[:8]}", body, token=None).status_code == 401
    assert desk.send(f"/v1/hooks/jira/{SIGNED}", body, token=None).status_code == 403
    assert desk.send("/v1/hooks/zendesk", body).status_code == 202


def test_vendors_put_their_keys_in_places_of_their_own() -> None:
    body = {**samples("pagerduty")[0]["body"], "routing_key": TOKEN}
    assert Desk(key(("pagerduty",))).send("/v1/hooks/pagerduty", body, token=None).status_code == 202
    assert Desk().send("/v1/hooks/pagerduty", {**body, "routing_key": 5}, token=None).status_code == 401
    gitlab = Desk(key(("gitlab",)))
    assert (
        gitlab.send("/v1/hooks/gitlab", samples("gitlab")[0]["body"], token=None, X_Gitlab_Token=TOKEN).status_code
        == 202
    )
    envelope = body_of(samples("sentry")[2])
    for path, headers in (
        (f"/api/1/envelope/?sentry_version=7&sentry_key={TOKEN}", {}),
        ("/api/1/envelope/", {"X_Sentry_Auth": f"Sentry sentry_version=7, sentry_key={TOKEN}"}),
    ):
        answer = Desk(key(("sentry",))).send(path, envelope, token=None, kind="text/plain", **headers)
        assert answer.json()["accepted"] == 2
    assert Desk(key(("sentry",))).send("/api/1/envelope/", envelope, token=None).status_code == 401


def test_otlp_is_answered_as_otlp_has_it() -> None:
    desk = Desk(key(("otlp",)))
    for sample in samples("otlp"):
        answer = desk.send("/v1/otlp/v1/traces", sample["body"])
        assert (answer.status_code, answer.json()) == (200, {})
    assert len(desk.outlet.messages) == 2
    assert desk.send("/v1/otlp/v1/traces", b"\x0a\x00", kind="application/x-protobuf").status_code == 415
    broken = orjson.loads(orjson.dumps(samples("otlp")[1]["body"]).replace(b'"1781514000123000000"', b'"soon"'))
    answer = desk.send("/v1/otlp/v1/traces", broken)
    assert answer.status_code == 422


def test_the_same_person_is_the_same_pseudonym_in_two_channels() -> None:
    found = []
    for name in ("intercom", "sentry"):
        desk = desk_for(name)
        desk.send(f"/v1/hooks/{name}", body_of(samples(name)[0]))
        found.append(desk.values()[0]["reporter"]["pseudonym"])
    assert found[0] == found[1]


def test_what_webhooks_come_to_is_counted() -> None:
    desk = desk_for("zendesk")
    for sample in samples("zendesk"):
        desk.send("/v1/hooks/zendesk", body_of(sample))
    page = desk.send("/metrics", b"", method="GET").text
    assert 'hypercare_intake_events_total{purpose="zendesk"} 2.0' in page
    assert 'hypercare_intake_ignored_total{purpose="zendesk",reason="not_feedback"} 2.0' in page
    assert 'hypercare_intake_dead_letters_total{purpose="zendesk",reason="missing_field"} 1.0' in page
    assert 'hypercare_intake_refused_total{reason="not_understood",status="422"} 2.0' in page
