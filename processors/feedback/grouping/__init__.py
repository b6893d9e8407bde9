"""Which feedback speaks of the same problem: exact repeats, copies, rewordings and groups, each decision with its why."""
