"""What people write, by language and topic, in the notation of `producers/simulate/people/grammar.py`."""
