"""The front door: the ``hypercare`` command, which composes the rooms and is imported by none of them."""
