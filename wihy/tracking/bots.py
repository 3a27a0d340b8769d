"""Who is a program and not a person: known crawlers, link previews, pages a browser loads ahead."""

import re
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

# what the package's expressions take too long over: nobody's browser has such words, or needs so many
ENDLESS_WORD = re.compile(r"[\w-]{65,}")
LONGEST_JUDGED = 256

_detector = CrawlerDetect()


@lru_cache(maxsize=8192)
def is_bot(user_agent: str) -> bool:
    """Whether `user_agent` (at most 1,024 characters) names no person's browser; an empty one names none."""
    judged = ENDLESS_WORD.sub("", user_agent)[:LONGEST_JUDGED].strip()
    lowered = judged.lower()
    return not judged or any(name in lowered for name in OURS) or bool(_detector.isCrawler(judged))


def is_prefetch(headers: Headers) -> bool:
    """Whether a browser loads ahead what nobody has clicked yet (Fetch Metadata, `Sec-Purpose`)."""
    return any("prefetch" in headers.get(name, "").lower() for name in PREFETCH_HEADERS)
