"""A small synthetic sample with planted problems: two logs of calls and a table of feedback.

Everything is invented: hosts in example.com and example.net, addresses from the documentation ranges,
telephone numbers +1-555-01xx, no names of people.
"""
