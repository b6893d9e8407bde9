"""People who use the simulated system, meet what goes wrong in it, and write about that and about anything else.

Everybody is invented: pseudonyms, surnames that mean "example", hosts in example.com, numbers +1-555-01xx.
"""
