"""The front door: the ``hypercare`` command, which composes the rooms and is imported by none of them."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a worker has one core: more threads of numpy would fight for it
