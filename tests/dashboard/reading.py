"""Pages as tests read them."""

import re
from html import unescape

from flask.testing import FlaskClient

Tile = tuple[str, str]


def page_of(client: FlaskClient, path: str, **query: str) -> str:
    """Return the page at `path`, which must be there; `from_` stands for `from`."""
    asked = {name.rstrip("_"): value for name, value in query.items()}
    answer = client.get(path, query_string=asked or None)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def words(html: str) -> str:
    """Return the text of `html`, its spaces as one, without the hint of bars."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("Show only this", "").split())


def tiles(page: str) -> dict[str, Tile]:
    """Return the tiles by label: figure and the line about its change."""
    found = re.findall(
        r'class="tile-label">(.*?)</span>.*?class="figure".*?>(.*?)</span>.*?class="change-line">(.*?)</span>\s*</(?:a|div)>',
        page,
        re.DOTALL,
    )
    assert found, page
    return {label: (words(figure), words(line)) for label, figure, line in found}


def figures(page: str) -> dict[str, str]:
    """Return the tiles' figures by label."""
    return {label: figure for label, (figure, _) in tiles(page).items()}


def card(page: str, title: str) -> str:
    """Return the card `title` of `page`."""
    found = re.search(rf'<section class="card" aria-label="{title}">.*?</section>', page, re.DOTALL)
    assert found, page
    return found[0]


def rows(html: str) -> list[str]:
    """Return the rows of the first table's body in `html`, as text."""
    body = re.search(r"<tbody.*?>(.*?)</tbody>", html, re.DOTALL)
    return [words(row) for row in re.findall(r"<tr.*?>(.*?)</tr>", body[1], re.DOTALL)] if body else []


def links(html: str) -> list[str]:
    """Return where `html` leads."""
    return re.findall(r'href="([^"]*)"', html)
