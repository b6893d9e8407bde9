"""Stream libraries that do the telemetry stage's work: the same rules, topics and outputs, each in its own way.

They need other versions of what we need, so they live in an environment of their own (`environment.py`).
"""
