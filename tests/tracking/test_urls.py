"""Tracking links keep what their target says, and add who referred."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wihy.tracking.urls import partner_url, tracking_url


def test_the_whole_link() -> None:
    url = tracking_url("https://wihy.ai/autumn?lang=en#top", "trailhead_weekly", "autumn_launch")
    assert url == (
        "https://wihy.ai/autumn?lang=en&ref=trailhead_weekly&utm_campaign=autumn_launch"
        "&utm_source=wihy&utm_medium=referral#top"
    )


@pytest.mark.parametrize(
    ("target", "made"),
    [
        ("https://wihy.ai", "https://wihy.ai/?ref=a&utm_source=wihy&utm_medium=referral"),
        ("https://wihy.ai/?ref=b", "https://wihy.ai/?ref=a&utm_source=wihy&utm_medium=referral"),
        ("https://wihy.ai/?q=", "https://wihy.ai/?q=&ref=a&utm_source=wihy&utm_medium=referral"),
    ],
)
def test_targets(target: str, made: str) -> None:
    assert tracking_url(target, "a") == made


def test_a_partners_own_link() -> None:
    assert partner_url("https://wihy.ai", "lumen") == "https://wihy.ai/?ref=lumen"
    assert partner_url("https://wihy.ai", "lumen", "a b") == "https://wihy.ai/?ref=lumen&campaign=a+b"


@given(st.text(min_size=1), st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_any_campaign_comes_back_and_no_parameter_is_lost(campaign: str, own: dict[str, str]) -> None:
    campaign = campaign.encode("utf-8", "ignore").decode() or "c"
    own = {k.encode("utf-8", "ignore").decode(): v.encode("utf-8", "ignore").decode() for k, v in own.items()}
    query = parse_qs(
        urlsplit(tracking_url("https://wihy.ai/?" + urlencode(own), "a", campaign)).query,
        keep_blank_values=True,
    )
    assert query["utm_campaign"] == [campaign]
    assert all(
        query[name] == [value] for name, value in own.items() if name != "ref" and not name.startswith("utm_")
    )
