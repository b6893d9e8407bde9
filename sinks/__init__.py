"""Show and act: what the pipeline knows, where people and systems find it."""
