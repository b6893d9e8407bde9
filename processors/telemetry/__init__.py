"""The telemetry stage: from a raw call to one whose route, outcome, blame and client are understood."""
