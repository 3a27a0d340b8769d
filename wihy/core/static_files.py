"""Static files: compressed, and named by their content where a template names them.

`url_for('static', …)` adds `v`, a hash of the file. Such an address may be kept for a year, as other content has
another one; any other address of a file is asked about anew each time, and answered 304 while it holds.
"""

import gzip
import mimetypes
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

HASH_LENGTH = 10
FOR_EVER = "public, max-age=31536000, immutable"
SMALLEST = 1024
PACKED = ("text/", "application/json", "image/svg+xml")
# what pages of other origins include, without a version: they follow a new one within minutes
FOR_OTHER_ORIGINS = frozenset({"wihy.js"})
SHARED = {
    "Cache-Control": "public, max-age=600, stale-while-revalidate=86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Timing-Allow-Origin": "*",
}


@dataclass(frozen=True)
class StaticFile:
    """A file as it was at `changed_at` (nanoseconds)."""

    path: Path
    changed_at: int
    kind: str = field(default="")

    @cached_property
    def version(self) -> str:
        """The hash of what it holds."""
        return sha256(self.path.read_bytes()).hexdigest()[:HASH_LENGTH]

    @cached_property
    def packed(self) -> bytes | None:
        """What it holds, compressed; None where that is not worth it."""
        content = self.path.read_bytes()
        if len(content) < SMALLEST or not self.kind.startswith(PACKED):
            return None
        return gzip.compress(content, mtime=0)


def register(app: Flask) -> None:
    """Name and send the static files of `app`."""
    known: dict[str, StaticFile] = {}  # as many as there are files

    def find(name: str) -> StaticFile | None:
        path = safe_join(str(app.static_folder), name)
        try:
            changed_at = Path(path).stat().st_mtime_ns if path else 0
        except (OSError, ValueError):
            return None
        if not path or not Path(path).is_file():
            return None
        file = known.get(path)
        if file is None or file.changed_at != changed_at:
            kind = mimetypes.guess_type(path)[0] or ""
            file = known[path] = StaticFile(Path(path), changed_at, kind)
        return file

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            file = find(values["filename"])
            if file is not None:
                values["v"] = file.version

    def send(filename: str) -> Response:
        response = current_app.send_static_file(filename)
        file = find(filename)
        if file is None:
            return response
        if filename in FOR_OTHER_ORIGINS:
            response.headers.update(SHARED)
        if request.args.get("v") == file.version:  # while two versions of us serve, theirs is not ours
            response.headers["Cache-Control"] = FOR_EVER
        return _packed(response, file)

    app.view_functions["static"] = send


def _packed(response: Response, file: StaticFile) -> Response:
    """Put the compressed content into `response` where it is whole and the browser takes it."""
    if response.status_code != 200 or "Range" in request.headers or file.packed is None:
        return response
    response.headers["Vary"] = "Accept-Encoding"
    if request.accept_encodings.quality("gzip") <= 0:
        return response
    etag, _ = response.get_etag()
    response.close()  # the plain file
    response.direct_passthrough = False
    response.set_data(file.packed)
    response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{etag}-gzip")
    response.make_conditional(request)
    return response
