"""Saved links as tests make them."""

from typing import Any

from flask.testing import FlaskClient

PATH = "/api/tracking/links"
LINK = {"target": "https://shop.example/autumn?lang=en#top", "referrer": "lumen", "campaign": "autumn"}


def save(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    """Save a link and return what is told of it."""
    answer = client.post(PATH, json={**LINK, **fields})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json
    return told


def fields_of(answer: Any) -> list[str]:
    """Return the fields that `answer` complains of."""
    assert answer.status_code == 400, answer.text
    return [detail["field"] for detail in answer.json["details"]]
