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
INCIDENT_LABELS = (
    LABELS
    | BLAME
    | {
        "hypercare.incident.id": ("Incident", "id of the incident"),
        "hypercare.incident.owner": ("Owner", "who looks after it"),
        "hypercare.incident.cause": ("Attributes", "what the concerned calls have in common"),
        "hypercare.incident.evidence.what": ("Evidence", "what shows it"),
        "hypercare.incident.evidence.reason": ("Why it belongs", "why this was taken for the same incident"),
        "hypercare.incident.messages.text": ("In their words", "what people wrote, as examples"),
        "hypercare.incident.title": ("Title", "what is wrong, where"),
        "hypercare.incident.severity": ("Severity", "S1 to S4, computed or overridden"),
        "hypercare.incident.priority": ("Priority", "P1 to P5, computed or overridden"),
        "hypercare.incident.state": ("State", "new to closed"),
        "hypercare.incident.score.value": ("Score", "how much it matters now, 0 to 100"),
        "hypercare.incident.onset": ("Began", "as far as is known"),
        "hypercare.incident.opened_at": ("Noticed", "when it was opened"),
        "hypercare.incident.acknowledge_min": ("Minutes to acknowledge", "from the opening"),
        "hypercare.incident.resolve_min": ("Minutes to the end", "from the opening"),
        "hypercare.incident.acknowledge_target_min": ("Target to acknowledge", "minutes from the opening"),
        "hypercare.incident.fix_target_min": ("Target of the fix", "minutes from the opening"),
    }
)
