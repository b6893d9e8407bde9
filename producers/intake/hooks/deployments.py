"""What went live, told by GitHub, GitLab, or a line of curl at the end of a pipeline.

Sources: docs.github.com, webhook events ``deployment_status`` and ``release``; docs.gitlab.com, deployment events.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.cloudevents import derived_id
from contracts.errors import Rejected, Unwanted
from contracts.signals import Signal
from producers.adapters.fields import Fields
from producers.adapters.json_lines import json_object
from producers.intake.hooks.hook import Arrived, Hook, minute_of, signal_of
from producers.intake.signatures import hex_of

_STATES = {
    "success": "succeeded",
    "succeeded": "succeeded",
    "failure": "failed",
    "failed": "failed",
    "error": "failed",
    "canceled": "failed",
    "rolled_back": "rolled_back",
}
_GITLAB_TIME = " UTC"


def read_github(arrived: Arrived) -> list[Signal]:
    """A deployment that ended, or a release that was published."""
    kind, fields = arrived.headers.get("x-github-event", ""), Fields(json_object(arrived.body))
    repository = fields.part("repository").text("full_name", "name")
    if kind == "deployment_status":
        status, deployment = fields.part("deployment_status"), fields.part("deployment")
        state = _STATES.get(status.text("state") or "")
        if state is None:
            raise Unwanted("not_finished", "deployment_status.state: the deployment has not ended")
        release = deployment.text("ref", "sha")
        number = status.text("id")
        left = Fields({"sha": deployment.text("sha"), "target": deployment.text("environment")})
        identity = ("github", repository, number)
        return [_signal(arrived, left, status, identity=identity, release=release, service=repository, state=state)]
    if kind == "release":
        published = fields.part("release")
        if fields.text("action") != "published":
            raise Unwanted("not_published", "action: the release is not published")
        tag = published.text("tag_name")
        left = Fields({"prerelease": published.text("prerelease")})
        identity = ("github", repository, tag)
        return [
            _signal(arrived, left, published, identity=identity, release=tag, service=repository, state="succeeded")
        ]
    raise Unwanted("not_a_deployment", "X-GitHub-Event: neither deployment_status nor release")


def read_gitlab(arrived: Arrived) -> list[Signal]:
    """A deployment that ended."""
    fields = Fields(json_object(arrived.body))
    if fields.text("object_kind") != "deployment":
        raise Unwanted("not_a_deployment", "object_kind: not a deployment")
    state = _STATES.get(fields.text("status") or "")
    if state is None:
        raise Unwanted("not_finished", "status: the deployment has not ended")
    project = fields.part("project").text("path_with_namespace", "name")
    release, number = fields.text("ref", "short_sha"), fields.text("deployment_id")
    changed = fields.left.get("status_changed_at")
    if isinstance(changed, str) and changed.endswith(_GITLAB_TIME):  # 2026-06-15 09:00:00 +0000 is its other form
        fields.left["status_changed_at"] = changed.removesuffix(_GITLAB_TIME).replace(" ", "T", 1) + "Z"
    elif isinstance(changed, str):
        fields.left["status_changed_at"] = changed.replace(" +", "+").replace(" -", "-")
    left = Fields({"sha": fields.text("short_sha"), "target": fields.text("environment")})
    identity = ("gitlab", project, number, state)
    return [_signal(arrived, left, fields, identity=identity, release=release, service=project, state=state)]


def read_generic(arrived: Arrived) -> list[Signal]:
    """``release`` and, where known, ``service``, ``previous``, ``state`` and ``occurred_at``."""
    fields = Fields(json_object(arrived.body))
    said = fields.text("state") or "succeeded"
    state = _STATES.get(said)
    if state is None:
        raise Rejected("invalid_field", f"state: one of {', '.join(_STATES)} is expected")
    release, service, number = fields.text("release", "version", "tag"), fields.text("service"), fields.text("id")
    previous = fields.text("previous")
    identity = ("deployment", service, release, number, state)
    return [
        _signal(
            arrived,
            fields,
            fields,
            identity=identity,
            release=release,
            service=service,
            state=state,
            previous=previous,
        )
    ]


def token_of(headers: Mapping[str, str], _: bytes) -> str | None:
    """GitLab sends its token as it is."""
    return headers.get("x-gitlab-token")


_TIMES = ("occurred_at", "status_changed_at", "updated_at", "published_at", "created_at")


def _signal(
    arrived: Arrived,
    left: Fields,
    timed: Fields,
    *,
    identity: tuple[object, ...],
    release: str | None,
    service: str | None,
    state: str,
    previous: str | None = None,
) -> Signal:
    """A deployment; ``timed`` holds its time, ``left`` what becomes attributes."""
    if release is None:
        raise Rejected("missing_field", "release: not there")
    told = any(timed.left.get(name) for name in _TIMES)
    moment = timed.moment(*_TIMES) if told else arrived.at
    said = {
        "id": derived_id(*identity, moment if told else minute_of(arrived.at)),
        "occurred_at": moment,
        "kind": "deployment",
        "service": service.rpartition("/")[2] if service else None,
        "deployment": {"release": release, "previous": previous, "state": state},
    }
    return signal_of(arrived, left, said)


GITHUB = Hook(
    name="github",
    title="GitHub, deployment statuses and releases",
    event=Signal,
    read=read_github,
    check=hex_of("x-hub-signature-256", "sha256", prefix="sha256="),
    set_up="webhook with content type application/json and a secret; give that secret to the key",
)
GITLAB = Hook(
    name="gitlab",
    title="GitLab, deployment events",
    event=Signal,
    read=read_gitlab,
    token_of=token_of,
    set_up="webhook for deployment events; the token is its secret token",
)
DEPLOYMENT = Hook(
    name="deployment",
    title="Deployments, told by a pipeline of yours",
    event=Signal,
    read=read_generic,
    set_up='POST {"release": "2.4.1", "service": "pay"} with Authorization: Bearer TOKEN',
)
