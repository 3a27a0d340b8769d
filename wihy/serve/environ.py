"""What a request says, from the words of RSGI (Granian's specification, 1.x) to those of WSGI (PEP 3333)."""

import sys
from typing import Any, BinaryIO

from granian.rsgi import Scope

OF_THE_SERVER = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "Granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,  # what is not sent cannot be waited for
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
WITHOUT_PREFIX = frozenset({"content-type", "content-length"})


def environ_of(scope: Scope, body: BinaryIO) -> dict[str, Any]:
    """Return the environment of the request `scope`, whose `body` has come."""
    host, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        **OF_THE_SERVER,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": _as_bytes_of(scope.path),
        "QUERY_STRING": _as_bytes_of(scope.query_string),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    for name, value in scope.headers.items():
        if "_" in name:  # it would pass for the one with hyphens, which a proxy has judged
            continue
        variable = _variable(name)
        if variable in environ:  # sent several times
            environ[variable] += ("; " if name == "cookie" else ",") + value
        else:
            environ[variable] = value
    return environ


def _as_bytes_of(text: str) -> str:
    """Return `text` as the standard writes it: a character for each of its bytes."""
    return text.encode().decode("latin-1")


def _variable(name: str) -> str:
    variable = name.upper().replace("-", "_")
    return variable if name in WITHOUT_PREFIX else f"HTTP_{variable}"
