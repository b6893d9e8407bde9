"""Quality on data nobody here wrote, and on simulated faults whose truth is known."""
