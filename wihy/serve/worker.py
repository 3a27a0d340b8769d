"""What each of `web`'s workers loads: the application behind its gateway, and what a process of its own needs."""

from multiprocessing import parent_process
from urllib.parse import urlsplit

from config import Settings
from wihy.core.hosts import LOOPBACK
from wihy.serve.gateway import Gateway
from wihy.server import end_with, spare_the_collector
from wsgi import app as application


def _asks_nobody_far(settings: Settings) -> bool:
    """Whether a capture waits for nothing but its commit: rates are counted in memory, or by a Redis on this host."""
    redis = urlsplit(settings.redis_url or "")
    return settings.group_commit and redis.hostname in (None, *LOOPBACK)


_settings: Settings = application.extensions["settings"]
app = Gateway(application, _settings.threads, captures_here=_asks_nobody_far(_settings))
spare_the_collector()
parent = parent_process()
if parent is not None and parent.pid is not None:
    end_with(parent.pid)
