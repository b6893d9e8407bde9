"""Understand: one folder a stage, on the runtime they share."""
