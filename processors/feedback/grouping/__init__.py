"""Which feedback speaks of the same problem: repeats, copies, rewordings and groups, each decision with its why."""
