"""How gunicorn serves Kassa when it is started in this folder; what its command line says goes first."""

import os

from ticketing.foundation.serving import choose_processors, keep_to_processors

worker_class = "ticketing.foundation.serving.EvenThreadWorker"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
control_socket_disable = True
pre_fork = choose_processors
post_fork = keep_to_processors
