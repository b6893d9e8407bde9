"""The fields of alerts, which Kibana's rules write; see ``sinks/kibana/rules.py``."""

from __future__ import annotations

from sinks.elasticsearch.mappings import KEYWORD, PATH, fields

ALERTS = {
    "rule": fields(id=KEYWORD, name=KEYWORD, description=PATH),
    "hypercare": fields(alert=KEYWORD),
}
