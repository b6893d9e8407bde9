"""Jira and Jira Service Management: a new issue, and comments on it.

The description is a text, or a document of nodes (ADF) in newer versions. A request type stands in a field of its own
number and is kept as an attribute where it is a text.
Source: developer.atlassian.com, webhooks of Jira Cloud; X-Hub-Signature of web hooks with a secret.
"""

from __future__ import annotations

from typing import Any

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback
from contracts.limits import MAX_TEXT_CHARS
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, feedback_of
from producers.intake.signatures import hex_of

SYSTEM = "jira"
_CREATED, _COMMENTED = "jira:issue_created", "comment_created"
_BLOCKS = frozenset({"paragraph", "heading", "listItem", "codeBlock", "blockquote", "tableRow", "hardBreak"})
MOST_NODES = 20_000


def read(arrived: Arrived) -> list[Feedback]:
    """The issue or comment of an event."""
    fields = Fields(json_object(arrived.body))
    kind = fields.text("webhookEvent")
    if kind is None:
        raise Rejected("missing_field", "webhookEvent: not there")
    if kind not in {_CREATED, _COMMENTED}:
        raise Unwanted("not_feedback", "webhookEvent: neither a new issue nor a new comment")
    issue, comment = fields.part("issue"), fields.part("comment")
    name = issue.text("key", "id")
    if name is None:
        raise Rejected("missing_field", "issue.key: not there")
    site = (issue.text("self", limit=LINE_CHARS) or "").partition("/rest/")[0]
    inner = issue.part("fields")
    said: dict[str, Any] = {
        "channel": "ticket",
        "source": {"id": name, "url": f"{site}/browse/{name}" if site else None},
    }
    if kind == _COMMENTED:
        return [_comment(arrived, fields, inner, comment, {**said, "thread": derived_id(SYSTEM, site, name)})]
    said |= {
        "id": derived_id(SYSTEM, site, name),
        "occurred_at": inner.moment("created") if inner.left.get("created") else fields.moment("timestamp"),
        "reporter": {"pseudonym": _person(inner.part("reporter"))},
    }
    title = inner.text("summary", limit=LINE_CHARS)
    text = _words(inner.take("description")) or title
    return [feedback_of(arrived, SYSTEM, _kept(inner), {**said, "title": title}, text)]


def _comment(arrived: Arrived, fields: Fields, inner: Fields, comment: Fields, said: dict[str, Any]) -> Feedback:
    name, author = comment.text("id"), comment.part("author")
    if name is None:
        raise Rejected("missing_field", "comment.id: not there")
    if comment.text("jsdPublic") == "false":
        raise Unwanted("not_feedback", "comment.jsdPublic: an internal comment")
    moment = comment.moment("created") if comment.left.get("created") else fields.moment("timestamp")
    said = {
        **said,
        "id": derived_id(said["thread"], name),
        "occurred_at": moment,
        "reporter": {"pseudonym": _person(author)},
    }
    return feedback_of(arrived, SYSTEM, _kept(inner), said, _words(comment.take("body")))


def _person(person: Fields) -> str | None:
    """By address where it is shown, for other channels know people by it; else by Jira's own id."""
    known = person.text("accountId", "key", "name")
    return person.text("emailAddress") or (f"{SYSTEM}:{known}" if known else None)


def _kept(inner: Fields) -> Fields:
    """What tells something and names nobody."""
    labels = inner.take("labels")
    told = {name: inner.part(name).text("name") for name in ("issuetype", "priority", "status")}
    told["project"] = inner.part("project").text("key")
    told["labels"] = ",".join(one for one in labels if isinstance(one, str)) if isinstance(labels, list) else None
    return Fields(told)


def _words(said: object) -> str | None:
    """A text as it is; of a document of nodes their texts, a line for each block."""
    if isinstance(said, str):
        return said
    parts: list[str] = []
    pending: list[object] = [said]
    while pending and len(parts) < MOST_NODES:
        node = pending.pop()
        if isinstance(node, list):
            pending.extend(reversed(node))
        elif isinstance(node, dict):
            if isinstance(node.get("text"), str):
                parts.append(node["text"])
            if str(node.get("type")) in _BLOCKS:
                pending.append({"text": "\n"})
            pending.append(node.get("content"))
    return "".join(parts)[:MAX_TEXT_CHARS].strip() or None


HOOK = Hook(
    name=SYSTEM,
    title="Jira and Jira Service Management, webhooks of issues and comments",
    event=Feedback,
    read=read,
    check=hex_of("x-hub-signature", "sha256", prefix="sha256="),
    set_up="webhook with a secret for issue created and comment created; give that secret to the key",
)
