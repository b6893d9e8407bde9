"""Observe: what puts events on Kafka.

`publisher` sends, `importing` reads files of calls and feedback through `adapters`, `simulate` writes a
synthetic sample. Nothing here knows a stage or a sink.
"""
