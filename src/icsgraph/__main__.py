"""``python -m icsgraph``."""

from icsgraph.cli.main import main

main()
