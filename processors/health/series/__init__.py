"""One series of measurements, learned value by value: how unusual the newest is, and when a limit will be reached."""
