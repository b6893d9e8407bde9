"""How any stage runs: runs of records in, outputs delivered, then offsets moved."""
