"""Who is a program and not a person: known crawlers, link previews, pages a browser loads ahead."""

from functools import lru_cache

from crawlerdetect import CrawlerDetect
from werkzeug.datastructures import Headers

# seen in practice, not (yet) in the package's list
OURS = (
    "meta-externalagent",
    "meta-externalfetcher",
    "googleimageproxy",
    "yahoomailproxy",
)
PREFETCH_HEADERS = ("Sec-Purpose", "Purpose", "X-Moz")

_detector = CrawlerDetect()


@lru_cache(maxsize=8192)
def is_bot(user_agent: str) -> bool:
    """Whether `user_agent` names no person's browser; an empty one names none."""
    if not user_agent.strip():
        return True
    lowered = user_agent.lower()
    return any(name in lowered for name in OURS) or bool(_detector.isCrawler(user_agent))


def is_prefetch(headers: Headers) -> bool:
    """Whether a browser loads ahead what nobody has clicked yet (Fetch Metadata, `Sec-Purpose`)."""
    return any("prefetch" in headers.get(name, "").lower() for name in PREFETCH_HEADERS)
