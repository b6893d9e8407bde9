"""``python -m hypercare`` is the ``hypercare`` command."""

from hypercare.cli import main

main()
