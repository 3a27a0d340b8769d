"""The forms in which figures show pages and destinations."""

import pytest

from wihy.tracking.normalise import destination_name, landing_page_in_figures

SITE = "https://wihy.ai"


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("/", "/"),
        ("/about?x=1", "/about"),
        ("/a/b?c?d", "/a/b"),
        ("https://wihy.ai", "/"),
        ("https://wihy.ai/about?x", "/about"),
        ("http://WIHY.ai:80/About", "/About"),
        ("https://www.wihy.ai/x", "www.wihy.ai/x"),
        ("https://other.example:8443/x?y", "other.example:8443/x"),
        ("https://wihy.ai.evil.io/x", "wihy.ai.evil.io/x"),
    ],
)
def test_a_landing_page_is_its_path(page: str, shown: str) -> None:
    assert landing_page_in_figures(page, SITE) == shown


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://kickstarter.com/projects/1", "Kickstarter"),
        ("https://www.kickstarter.com", "Kickstarter"),
        ("https://KICKSTARTER.com.", "Kickstarter"),
        ("https://m.facebook.com/x", "Facebook"),
        ("https://x.com/a", "X"),
        ("https://mobile.twitter.com/a", "X"),
        ("https://youtube.com", "YouTube"),
        ("https://vm.tiktok.com", "TikTok"),
        ("https://de.linkedin.com", "LinkedIn"),
        ("https://www.instagram.com", "Instagram"),
        ("https://www.amazon.co.uk/dp/1", "Amazon"),
        ("https://smile.amazon.de", "Amazon"),
        ("https://amazon.evil.io", "amazon.evil.io"),
        ("https://notkickstarter.com.evil.io", "notkickstarter.com.evil.io"),
        ("https://notkickstarter.com", "notkickstarter.com"),
        ("https://netflix.com", "netflix.com"),
        ("https://kickstarter.com@evil.io/", "evil.io"),
        ("https://evil.io/kickstarter.com", "evil.io"),
        ("https://www.shop.kesho.example", "shop.kesho.example"),
        ("http://192.0.2.1:8080/x", "192.0.2.1"),
        ("http://[2001:db8::1]/x", "2001:db8::1"),
        ("https://amazon.localhost", "amazon.localhost"),
        (None, None),
    ],
)
def test_a_destination_has_its_name(url: str | None, name: str | None) -> None:
    assert destination_name(url) == name
