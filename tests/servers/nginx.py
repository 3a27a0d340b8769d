"""A throw-away nginx with the configuration that operators use."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import ROOT
from tests.servers.processes import (
    accepts_connections,
    find_program,
    free_port,
    start,
    stop,
    wait_until,
)

SITE = ROOT / "deploy" / "nginx.conf"
MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
worker_processes 1;
{user}
events {{ worker_connections 2048; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


@contextmanager
def running_nginx(web: int, live: int, *, port: int | None = None) -> Iterator[int]:
    """Serve the parts on ports `web` and `live` through nginx for the length of the block; yields its port."""
    program = find_program("nginx", "/usr/sbin")
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="wihy-nginx-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "site.conf").write_text(_site(folder, port, web, live))
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        process = start([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], folder)
        try:
            wait_until(lambda: accepts_connections(port), what="nginx")
            yield port
        finally:
            stop(process)


def _site(folder: Path, port: int, web: int, live: int) -> str:
    """Return the operators' file on other ports and with its log in `folder`, and nothing else changed."""
    site = SITE.read_text()
    for written, meant in (
        (r"listen 80;", f"listen 127.0.0.1:{port};"),
        (r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{web};"),
        (r"server 127\.0\.0\.1:8081;", f"server 127.0.0.1:{live};"),
        (r"/var/log/nginx/", f"{folder}/"),
    ):
        site, times = re.subn(written, meant, site)
        assert times == 1, written
    return site
