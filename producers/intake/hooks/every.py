"""Every webhook there is, by name."""

from __future__ import annotations

from typing import Final

from producers.intake.hooks import (
    alertmanager,
    deployments,
    fider,
    formbricks,
    gateways,
    generic,
    intercom,
    jira,
    pagerduty,
    posthog,
    sentry,
    standard,
    zendesk,
)
from producers.intake.hooks.hook import Hook

HOOKS: Final[dict[str, Hook]] = {
    hook.name: hook
    for hook in (
        gateways.APINTO,
        gateways.KONG,
        gateways.OTLP,
        alertmanager.HOOK,
        pagerduty.HOOK,
        deployments.GITHUB,
        deployments.GITLAB,
        deployments.DEPLOYMENT,
        zendesk.HOOK,
        jira.HOOK,
        intercom.HOOK,
        sentry.HOOK,
        formbricks.HOOK,
        posthog.HOOK,
        fider.HOOK,
        generic.HOOK,
        standard.HOOK,
    )
}
PURPOSES: Final = ("feedback", "calls", "signals", *HOOKS)
"""What a key may be made for."""
