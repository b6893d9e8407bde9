"""What people do with incidents at the command line: list, explain, decide, hand on; all of it from the topics."""
