"""What a piece of feedback is about, from its words alone: its category, whether it touches security, how severe."""
