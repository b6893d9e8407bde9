"""Fider: new ideas and comments. Its webhooks have a template; one with all variables by their names is read.

Source: getfider/fider app/pkg/webhook/props.go.
"""

from __future__ import annotations

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.feedback import Feedback
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.adapters.loose_values import LINE_CHARS
from producers.intake.hooks.hook import Arrived, Hook, feedback_of, text_at

SYSTEM = "fider"


def read(arrived: Arrived) -> list[Feedback]:
    """The idea, or the comment on it, of one event; the template tells no time, so it is now."""
    fields = Fields(json_object(arrived.body))
    post = fields.text("post_id", "post_number")
    if post is None:
        raise Rejected("missing_field", "post_id: not there; see the template in docs/intake.md")
    if fields.text("post_status") not in {None, "open"} and "comment" not in fields.left:
        raise Unwanted("not_feedback", "post_status: a change of status, not a new idea")
    tenant, author = fields.text("tenant_subdomain", "tenant_name"), fields.text("author_id")
    title = fields.text("post_title", limit=LINE_CHARS)
    thread = derived_id(SYSTEM, tenant, post)
    mail = fields.text("author_email")
    fields.drop(*[name for name in fields.left if name.startswith("author_")])
    said = {
        "id": thread,
        "occurred_at": arrived.at,
        "channel": "social",
        "source": {"id": post, "url": fields.text("post_url", limit=LINE_CHARS)},
        "reporter": {"pseudonym": mail or (f"{SYSTEM}:{tenant}:{author}" if author else None)},
    }
    comment = text_at(fields, "comment")
    text = text_at(fields, "post_description") or title
    if comment:
        said |= {"id": derived_id(thread, author, comment), "thread": thread}
        text = comment
    else:
        said["title"] = title
    return [feedback_of(arrived, SYSTEM, fields, said, text)]


HOOK = Hook(
    name=SYSTEM,
    title="Fider, webhooks of new posts and comments",
    event=Feedback,
    read=read,
    set_up="webhook with the template of docs/intake.md, header Authorization: Bearer TOKEN",
)
