"""Questions as tests ask them."""

from typing import Any

from flask.testing import FlaskClient

PATH = "/api/tracking/why"


def ask(client: FlaskClient, q: str) -> dict[str, Any]:
    """Return the answer to `q`, which there must be."""
    answer = client.get(PATH, query_string={"q": q})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def verdict(answer: dict[str, Any]) -> tuple[str, str]:
    """Return what was asked about, and the verdict's code."""
    return answer["kind"], answer["verdict"]["code"]


def codes(answer: dict[str, Any]) -> list[str]:
    """Return the steps' codes."""
    return [step["code"] for step in answer["steps"]]


def step(answer: dict[str, Any], code: str) -> dict[str, Any]:
    """Return the one step with `code`."""
    [found] = [step for step in answer["steps"] if step["code"] == code]
    return dict(found)
