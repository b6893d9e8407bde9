"""Sentry's user feedback: the feedback event, the legacy user report, envelopes of either, an integration's webhook.

An application's Sentry SDK can send here by itself: the key's token is the public key of its DSN, and the
envelope goes to ``/api/PROJECT/envelope/``. Items of an envelope that are no feedback are passed over. An
integration's webhook has the event in ``data.event`` when an alert rule sent it, or the issue in ``data.issue``.
Sources: getsentry/sentry feedback/usecases/ingest/create_feedback.py, sentry-docs envelope-items.mdx.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.event import Event
from contracts.feedback import Feedback
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, Refused, feedback_of, text_at
from producers.intake.signatures import hex_of

SYSTEM = "sentry"
_KINDS = frozenset({"feedback", "user_report"})
MOST_ITEMS = 100
_SENTRY_KEY = re.compile(r"sentry_key=([a-z2-7]{32})")


def read(arrived: Arrived) -> list[Event | Refused]:
    """Every piece of feedback in the request."""
    head, _, rest = arrived.body.strip().partition(b"\n")
    if rest and _is_envelope_head(head):
        return list(_of_envelope(arrived, rest))
    return [_of_document(arrived, arrived.body)]


def token_of(headers: Mapping[str, str], _: bytes) -> str | None:
    """The public key of a DSN: in ``X-Sentry-Auth``, or in the query, which the intake puts beside the headers."""
    for said in (headers.get("x-sentry-auth", ""), headers.get(":query", "")):
        if found := _SENTRY_KEY.search(said):
            return found[1]
    return None


def _is_envelope_head(head: bytes) -> bool:
    with suppress(Rejected):
        return not {"contexts", "comments"} & json_object(head).keys()
    return False


def _of_envelope(arrived: Arrived, rest: bytes) -> Iterator[Event | Refused]:
    found = passed = 0
    for kind, item in _items(rest):
        if kind not in _KINDS:
            passed += 1
            continue
        found += 1
        try:
            yield _of_document(arrived, item)
        except Rejected as rejected:
            yield Refused(item, rejected)
    if not found:
        raise Unwanted("not_feedback", f"an envelope of {passed} items, none of them feedback")


def _items(rest: bytes) -> Iterator[tuple[str, bytes]]:
    """Type and payload of each item: as long as its header says, else to the end of the line."""
    for _ in range(MOST_ITEMS):
        rest = rest.lstrip(b"\n")
        if not rest:
            return
        line, _, rest = rest.partition(b"\n")
        header = Fields(json_object(line))
        length = header.count("length")
        if length is None:
            payload, _, rest = rest.partition(b"\n")
        else:
            payload, rest = rest[:length], rest[length:]
        yield header.text("type") or "", payload
    raise Rejected("too_many_items", f"at most {MOST_ITEMS} items are taken in an envelope")


def _of_document(arrived: Arrived, body: bytes) -> Feedback:
    fields = Fields(json_object(body))
    if "comments" in fields.left:
        return _legacy(arrived, fields)
    if isinstance(fields.left.get("data"), dict):  # an integration's webhook
        data = fields.part("data")
        if isinstance(data.left.get("issue"), dict):
            return _of_issue(arrived, data.part("issue"))
        fields = data.part("event")
    contexts = fields.part("contexts")
    if "feedback" not in contexts.left:
        raise Unwanted("not_feedback", "neither contexts.feedback nor comments is there")
    feedback, trace = contexts.part("feedback"), contexts.part("trace")
    browser, system, device = contexts.part("browser"), contexts.part("os"), contexts.part("device")
    user, request = fields.part("user"), fields.part("request")
    url = feedback.text("url", limit=LINE_CHARS) or request.text("url", limit=LINE_CHARS)
    name = fields.text("event_id")
    moment = fields.moment("timestamp") if fields.left.get("timestamp") else arrived.at
    message = text_at(feedback, "message")
    mail = feedback.text("contact_email")
    said = {
        "id": derived_id(SYSTEM, name or moment, None if name else message),
        "occurred_at": moment,
        "channel": "in_app",
        "source": {"id": name, "url": url},
        "reporter": {"pseudonym": user.text("id") or mail or user.text("email"), "contact_ref": mail},
        "context": {
            "route": url,
            "release": fields.text("release"),
            "browser": browser.text("name"),
            "os": system.text("name"),
            "device": device.text("family", "model"),
        },
        "trace": {"trace_id": trace.text("trace_id", limit=64)},
        "session": feedback.text("replay_id"),
    }
    event = feedback.text("associated_event_id")
    left = Fields({"associated_event_id": event, "level": fields.text("level"), "platform": fields.text("platform")})
    return feedback_of(arrived, SYSTEM, left, said, message)


def _of_issue(arrived: Arrived, issue: Fields) -> Feedback:
    """A piece of feedback as the issue that Sentry makes of each."""
    if issue.text("issueCategory") != "feedback":
        raise Unwanted("not_feedback", "data.issue.issueCategory: an issue of another kind")
    told = issue.part("metadata")
    name, mail = issue.text("id"), told.text("contact_email")
    moment = issue.moment("firstSeen") if issue.left.get("firstSeen") else arrived.at
    message = text_at(told, "message")
    said = {
        "id": derived_id(SYSTEM, "issue", name or [moment, message]),
        "occurred_at": moment,
        "channel": "in_app",
        "source": {"id": name, "url": issue.text("permalink", "web_url", limit=LINE_CHARS)},
        "reporter": {"pseudonym": mail, "contact_ref": mail},
    }
    left = Fields({"sentry_project": issue.part("project").text("slug"), "level": issue.text("level")})
    return feedback_of(arrived, SYSTEM, left, said, message)


def _legacy(arrived: Arrived, fields: Fields) -> Feedback:
    event, mail = fields.text("event_id"), fields.text("email")
    text = text_at(fields, "comments")
    fields.drop("name")
    said = {
        "id": derived_id(SYSTEM, "user_report", event, mail, text),
        "occurred_at": arrived.at,
        "channel": "in_app",
        "source": {"id": event},
        "reporter": {"pseudonym": mail, "contact_ref": mail},
    }
    return feedback_of(arrived, SYSTEM, Fields({"associated_event_id": event}), said, text)


HOOK = Hook(
    name=SYSTEM,
    title="Sentry: user feedback of SDKs, or an integration's webhook",
    event=Feedback,
    read=read,
    check=hex_of("sentry-hook-signature", "sha256"),
    token_of=token_of,
    set_up="in the SDK: dsn https://TOKEN@HOST/1; an integration's webhook: give its client secret to the key",
)
