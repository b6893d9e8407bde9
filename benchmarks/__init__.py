"""Speed, as a ratio against named alternatives in the same session: ``make bench``."""
