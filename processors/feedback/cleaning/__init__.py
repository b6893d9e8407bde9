"""Feedback before anybody reads it: plain text, without quotes, signatures, secrets and personal data."""
