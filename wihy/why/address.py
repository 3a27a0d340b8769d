"""An address as its visitor saw it, read as `static/wihy.js` reads it (`captureTracking`)."""

import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlsplit

from wihy.core.settings import settings
from wihy.links.urls import PREFIX
from wihy.tracking.urls import EVENT_ID, OWN_SOURCE, check_target

LONGEST_CAMPAIGN = 255
LONGEST_PAGE = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}
WITHOUT_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)*\.\w{2,}(:\d+)?[/?]|localhost(:\d+)?[/?]")
QUERY_ALONE = re.compile(r"[?&]|(ref|campaign|utm_\w+|wihy_id)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """What an address says. `parameters`: each name's first value; `origin` None: the address names no host."""

    origin: str | None
    path: str
    fragment: str
    parameters: dict[str, str] = field(repr=False)

    @property
    def ref(self) -> str:
        """Who referred."""
        return self.parameters.get("ref", "")

    @property
    def campaign(self) -> str:
        """Why; empty for `direct`."""
        found = self.parameters.get("campaign") or self.parameters.get("utm_campaign") or ""
        return found[:LONGEST_CAMPAIGN]

    @property
    def source(self) -> str:
        """What first brought the visitor, if nothing had in this tab before."""
        utm = self.parameters.get("utm_source")
        return utm[:LONGEST_CAMPAIGN] if utm and utm != OWN_SOURCE else self.ref

    @property
    def event_id(self) -> str | None:
        """The id of the event that a saved link had captured on the way."""
        return self.parameters.get(EVENT_ID)

    @property
    def slug(self) -> str | None:
        """The short link that it is, None where it is none."""
        rest = self.path.removeprefix(PREFIX)
        return rest if rest != self.path and rest and "/" not in rest else None

    @property
    def is_ours(self) -> bool:
        """Whether WIHY itself answers it, as far as its host tells."""
        return self.origin is None or self.origin == origin_of(urlsplit(settings().public_url))

    def as_captured(self) -> dict[str, str | None]:
        """Return what the script sends for a visit through it."""
        page = (self.origin or settings().site_url) + self.path
        return {
            "referrer": self.ref,
            "campaign": self.campaign or None,
            "originalSource": self.source,
            "landingPage": page[:LONGEST_PAGE],
        }


def looks_like_address(text: str) -> bool:
    """Whether `text` is meant for an address, or a part of one."""
    return (
        "://" in text
        or text.startswith(("/", PREFIX.lstrip("/")))
        or bool(QUERY_ALONE.match(text) or WITHOUT_SCHEME.match(text))
    )


def read_address(text: str) -> Address:
    """Return what the address `text` says; raises `ValueError` where no browser could open it."""
    parts = urlsplit(_whole(text))
    if parts.netloc or parts.scheme:
        check_target(parts._replace(query="", fragment="").geturl())
    first: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        first.setdefault(name, value)
    return Address(origin_of(parts) if parts.netloc else None, parts.path or "/", parts.fragment, first)


def origin_of(parts: SplitResult) -> str:
    """Return the origin of an address as browsers write it: without a default port, foreign letters as ASCII."""
    scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
    if not host.isascii():
        host = host.encode("idna").decode()
    host = f"[{host}]" if ":" in host else host
    return f"{scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS.get(scheme)) else f":{port}")


def _whole(text: str) -> str:
    if "://" in text or text.startswith("/"):
        return text
    if QUERY_ALONE.match(text):
        return f"/?{text.lstrip('?&')}"
    if text.startswith(PREFIX.lstrip("/")):
        return f"/{text}"
    return f"https://{text}"
