"""The application for gunicorn: `gunicorn --preload wsgi:app`."""

import gc

# What is made here stays as long as the process: collecting meanwhile is a sixth of the time to start.
gc.disable()

from ticketing.app import create_app  # noqa: E402 - after the collector is off

app = create_app()

# Left out of every later collection it costs no time there, and the processes that gunicorn forks go on
# sharing its memory: 80 MB of three processes' 270.
gc.enable()
gc.collect()
gc.freeze()
