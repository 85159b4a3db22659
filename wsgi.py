"""The application for gunicorn: `gunicorn --preload wsgi:app`."""

import gc

from ticketing.app import create_app

app = create_app()

# What is here now lives as long as the process. Left out of every later collection it costs no time there,
# and the processes that gunicorn forks go on sharing its memory: 80 MB of three processes' 270.
gc.collect()
gc.freeze()
