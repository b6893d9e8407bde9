"""What signals say: what shows a problem itself, and what stands beside the problems that calls show."""
