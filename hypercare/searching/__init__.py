"""Looking for what was said and what happened, and looking after where it is kept."""
