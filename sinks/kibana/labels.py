"""What a person reads instead of the name of a field: a label, and what it means."""

from __future__ import annotations

LABELS = {
    "http.route": ("Route", "template of the path, such as /orders/{id}"),
    "service.name": ("Upstream", "service behind the gateway"),
    "service.version": ("Release", "version of the service or of the application"),
    "service.environment": ("Environment", "such as production or staging"),
    "hypercare.project": ("Project", "the project in hypercare"),
    "hypercare.tenant": ("Tenant", "whose project it is"),
    "user_agent.name": ("Browser", "as the user agent says"),
    "user_agent.os.name": ("Operating system", "as the user agent says"),
    "user_agent.device.name": ("Device", "desktop, mobile, tablet, tv, bot or program"),
    "trace.id": ("Trace", "W3C trace id, the same in a complaint and in its calls"),
    "http.request.method": ("Method", "of HTTP"),
    "error.message": ("Error", "in the words of whoever failed"),
    "message": ("Text", "what was written, or the event in a sentence"),
    "event.outcome": ("Outcome", "whether it was done"),
    "user.hash": ("User", "pseudonym, the same for the same person"),
}
"""Names and meanings of fields that several kinds of documents have."""
BLAME = {"hypercare.blame": ("Blame", "on whose side it failed")}
