"""The application behind a real port, in a thread of the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server


@contextmanager
def running(app: Flask) -> Iterator[int]:
    """Serve `app` for the length of the block; yields the port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.server_port
    finally:
        app.extensions["live"].close_all()
        server.shutdown()
        thread.join()
        server.server_close()
