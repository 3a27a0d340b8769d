"""What each of `web`'s workers loads: the application, and what a process of its own needs."""

from multiprocessing import parent_process

from wihy.server import end_with, spare_the_collector
from wsgi import app as app

spare_the_collector()
parent = parent_process()
if parent is not None and parent.pid is not None:
    end_with(parent.pid)
