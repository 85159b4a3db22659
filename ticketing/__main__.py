"""`python -m ticketing …`."""

import gc

# What a program imports stays as long as it runs: collecting meanwhile is a sixth of the time to start.
gc.disable()

from ticketing.cli import main  # noqa: E402 - after the collector is off

gc.freeze()
gc.enable()
main()
