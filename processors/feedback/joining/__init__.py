"""Which API calls stand behind a complaint, and who complained of which failing pattern."""
