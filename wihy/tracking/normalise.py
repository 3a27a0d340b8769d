"""The forms in which figures show pages and destinations, so that what belongs together counts together."""

from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from tldextract import TLDExtract

NAMES = {
    "kickstarter.com": "Kickstarter",
    "instagram.com": "Instagram",
    "facebook.com": "Facebook",
    "x.com": "X",
    "twitter.com": "X",
    "youtube.com": "YouTube",
    "tiktok.com": "TikTok",
    "linkedin.com": "LinkedIn",
}
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_HOST = 253
NEVER_IN_HOSTS = frozenset("<>\"'`{}|^% ")  # WHATWG URL, forbidden domain code points

# the list of public suffixes that comes with the package: nothing is fetched
_registered = TLDExtract(suffix_list_urls=(), cache_dir=None)


def split_http_url(url: str) -> SplitResult:
    """Return the parts of `url`; raises `ValueError` unless it is http or https with a host."""
    parts = urlsplit(url)
    port = parts.port  # raises ValueError where it is no number
    host = (parts.hostname or "").strip(".")
    if parts.scheme.lower() not in DEFAULT_PORTS or not host or port == 0:
        raise ValueError("write an address that begins with http:// or https://")
    if NEVER_IN_HOSTS & set(host) or "\\" in url:  # browsers read a backslash as a slash, and go elsewhere
        raise ValueError("this is no host name")
    if len(host) > LONGEST_HOST:
        raise ValueError(f"a host name has at most {LONGEST_HOST} characters")
    return parts


def without_fragment(address: str) -> str:
    """Return `address` up to its fragment."""
    return address.partition("#")[0]


def landing_page_in_figures(landing_page: str, site_url: str) -> str:
    """Return the path of `landing_page` without its query, behind its host where that is not `site_url`'s."""
    page = landing_page.partition("?")[0]
    return page if page.startswith("/") else _page_of_a_site(page, site_url)


@lru_cache(maxsize=8192)
def _page_of_a_site(landing_page: str, site_url: str) -> str:
    parts = split_http_url(landing_page)
    path = parts.path or "/"
    return path if _host(parts) == _host(split_http_url(site_url)) else _host(parts) + path


@lru_cache(maxsize=8192)
def destination_name(url: str | None) -> str | None:
    """Return the name that figures show for the destination `url`: a known site's, else its host without `www.`.

    A site is known by its registered domain (Public Suffix List), never by a part of the text.
    """
    if url is None:
        return None
    host = _host_name(split_http_url(url))
    found = _registered(host)
    if found.domain == "amazon" and found.suffix:
        return "Amazon"
    return NAMES.get(found.top_domain_under_public_suffix, host.removeprefix("www."))


def _host_name(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _host(parts: SplitResult) -> str:
    default = DEFAULT_PORTS[parts.scheme.lower()]
    return _host_name(parts) if parts.port in (None, default) else f"{_host_name(parts)}:{parts.port}"
