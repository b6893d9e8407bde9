"""From findings, feedback and signals to incidents: correlated, scored, followed to their end."""
