"""A throw-away nginx with the configuration that operators use."""

import os
import re
import subprocess
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
def running_nginx(web: int, live: int, *, tls: bool = False) -> Iterator[int]:
    """Serve the parts on ports `web` and `live` through nginx for the length of the block; yields its port.

    With `tls`, the lines for it are in force: the port is that of TLS, the certificate one that nobody signed.
    """
    program = find_program("nginx", "/usr/sbin")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="wihy-nginx-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        site = _site(folder, free_port() if tls else port, web, live)
        (folder / "site.conf").write_text(_with_tls(site, folder, port) if tls else site)
        user = "user nobody nogroup;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        process = start([program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")], folder)
        try:
            wait_until(lambda: accepts_connections(port), what="nginx")
            yield port
        finally:
            stop(process)


def _site(folder: Path, port: int, web: int, live: int) -> str:
    """Return the operators' file on other ports, with its log in `folder`, more patient with slow bodies."""
    site = SITE.read_text()
    for written, meant in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server 127.0.0.1:8080;", f"server 127.0.0.1:{web};"),
        ("server 127.0.0.1:8081;", f"server 127.0.0.1:{live};"),
        ("/var/log/nginx/", f"{folder}/"),
        ("client_body_timeout 10s;", "client_body_timeout 120s;"),  # a test must not be saved by it
    ):
        assert site.count(written) == 1, written
        site = site.replace(written, meant)
    return site


def _with_tls(site: str, folder: Path, port: int) -> str:
    """Return `site` as the operator changes it for TLS."""
    certificate = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([find_program("openssl"), "req", *certificate, *files], check=True, capture_output=True)
    site = re.sub(r"#(listen 443|ssl_|if )", r"\1", site)
    site = site.replace("listen 443", f"listen 127.0.0.1:{port}")
    return site.replace("/etc/letsencrypt/live/links.example.com/", f"{folder}/")
