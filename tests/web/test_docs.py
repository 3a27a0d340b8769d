"""The API's documentation: whole, public, and without a breach of the content security policy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wihy.web.openapi_examples import example_of

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(stranger: FlaskClient) -> dict[str, Any]:
    answer = stranger.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    found: dict[str, Any] = answer.json
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS & methods.keys():
            yield f"{method} {path}", methods[method]


def test_every_json_route_is_in_it(app: Flask, document: dict[str, Any]) -> None:
    described = {name for name, _ in operations(document)}
    missing = set()
    for rule in app.url_map.iter_rules():
        path = "".join("{" + part.split(":")[-1].replace(">", "}") for part in str(rule).split("<"))[1:]
        if path.startswith(("/api/", "/healthz", "/readyz", "/metrics")):
            methods = {method.lower() for method in rule.methods or ()} & METHODS
            missing |= {f"{method} {path}" for method in methods} - described
    assert missing == set()


def test_every_operation_says_all(document: dict[str, Any]) -> None:
    known = {tag["name"] for tag in document["tags"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["tags"], name
        assert set(operation["tags"]) <= known, name
        assert {"400", "500"} <= operation["responses"].keys(), name
        bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
        for body in bodies:
            for content in body.get("content", {}).values():
                assert "example" in content or "examples" in content or "schema" not in content, name


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                yield node["$ref"].rpartition("/")[2]
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    assert set(references(document)) <= schemas.keys()


def test_a_capture_may_be_a_beacon(document: dict[str, Any]) -> None:
    content = document["paths"]["/api/tracking/capture"]["post"]["requestBody"]["content"]
    assert content.keys() == {"application/json", "text/plain"}
    assert content["text/plain"]["example"]["referrer"]


def test_refusals_show_their_own_code(document: dict[str, Any]) -> None:
    responses = document["paths"]["/api/auth/login"]["post"]["responses"]
    assert responses["429"]["content"]["application/json"]["example"]["code"] == "RATE_LIMITED"
    assert responses["500"]["content"]["application/json"]["example"]["requestId"]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ({"type": "string", "examples": ["written"]}, "written"),
        (
            {"anyOf": [{"type": "null"}, {"type": "string", "format": "uuid"}]},
            "01a1f804-9a3c-7cfb-b69f-857d4e58d173",
        ),
        ({"type": "array", "items": {"type": "integer", "minimum": 3}}, [3]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"trailhead_weekly": 1}),
        ({"$ref": "#/components/schemas/Kind"}, "inbound"),
    ],
)
def test_examples_are_made_from_schemas(schema: dict[str, Any], example: object) -> None:
    assert example_of(schema, {"Kind": {"enum": ["inbound", "outbound"]}}) == example


def test_the_page_says_what_is_missing(app: Flask, tmp_path: Path) -> None:
    app.static_folder = str(tmp_path)
    page = app.test_client().get("/docs")
    assert page.status_code == 200
    assert "swagger-ui-bundle.js" in page.text
    assert "/openapi.json" in page.text
