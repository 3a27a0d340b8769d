"""Answers that are made for a request go out compressed, from 1 KiB on; what streams stays as it flows.

Pages repeat parts of their address and carry a CSRF token, and the length of a compressed page could betray a constant
one letter by letter (BREACH); so `core.csrf` masks the token anew each time it is written. Other secrets (a new API
key, a partner's token) stand only in answers to a POST, which another site cannot make a browser repeat.
"""

from flask import Flask, Response
from flask_compress import Compress

SMALLEST = 1024


def register(app: Flask) -> None:
    """Compress the answers of `app`, after all else that is done to them."""
    app.config.update(
        COMPRESS_REGISTER=False,  # its own hook costs each capture more than the look at a length
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    compress = Compress(app)

    @app.after_request
    def shrink(response: Response) -> Response:
        if response.is_streamed or (response.content_length or 0) < SMALLEST:
            return response
        return compress.after_request(response)
