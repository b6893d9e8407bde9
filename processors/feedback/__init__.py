"""The feedback stage: from raw feedback to text that may be stored, in a known language."""
