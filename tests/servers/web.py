"""The application behind a real port, in a thread of the test."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

ANSWER = "tests.answer"


class Handler(WSGIRequestHandler):
    """Closes every answer: Werkzeug leaves one open, and its file, if the reader resets the connection."""

    def run_wsgi(self) -> None:
        """Answer one request."""
        try:
            super().run_wsgi()
        finally:
            close = getattr(self.environ.get(ANSWER), "close", None)
            if close is not None:
                close()


@contextmanager
def running(app: Flask) -> Iterator[int]:
    """Serve `app` for the length of the block; yields the port."""

    def noted(environ: dict[str, Any], start_response: Any) -> Any:
        environ[ANSWER] = app(environ, start_response)
        return environ[ANSWER]

    server = make_server("127.0.0.1", 0, noted, threaded=True, request_handler=Handler)
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
