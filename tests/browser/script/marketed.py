"""The marketed site: a second server, at another origin, whose pages include the client script."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{path}</title>
<link rel="icon" href="data:,">
<h1>{path}</h1>
<a id="shop" href="{address}/shop?item=1" data-wihy-outbound>To the shop</a>
<a id="named" href="{address}/shop" data-wihy-outbound="lumen" data-wihy-campaign="footer">To the shop, by lumen</a>
<p data-wihy-outbound><a id="inner" href="{address}/inner"><b>In a marked part</b></a></p>
<a id="unmarked" href="{address}/unmarked">Uncounted</a>
<script src="{wihy}/static/wihy.js" {attributes}></script>
</html>"""


@dataclass
class Marketed:
    """Where it is, where WIHY is, and how its pages include the script."""

    address: str
    wihy: str = ""
    attributes: str = ""
    opened: list[str] = field(default_factory=list)


@contextmanager
def running_site() -> Iterator[Marketed]:
    """Serve the site for the length of the block, at a port of 127.0.0.1."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.opened.append(self.path)
            page = PAGE.format(
                path=urlsplit(self.path).path,
                address=site.address,
                wihy=site.wihy,
                attributes=site.attributes,
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    site = Marketed(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
