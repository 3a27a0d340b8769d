"""Examples for the OpenAPI document, made from its schemas where none is written there."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

BY_NAME = {
    "accessToken": "f3Jx0d8Qm1xw2kJ5yXg9l0b7cVtq4ZsUeR6oA1pNhKE",
    "campaign": "autumn_launch",
    "code": "INVALID_REQUEST",
    "currentPassword": "correct horse battery staple",
    "destination": "Kickstarter",
    "email": "nadia@example.org",
    "field": "eventType",
    "message": "Invalid request parameters",
    "name": "Trailhead Weekly",
    "nextCursor": "AAYxNb0_5gABoahJHXN7TLlp-rOMhMKT",
    "newPassword": "staple battery horse correct",
    "partnerName": "Trailhead Weekly",
    "password": "correct horse battery staple",
    "referrer": "trailhead_weekly",
    "requestId": "9e8abdc5e9bc4d059e86c7f04adbd252",
    "token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
    "trackingId": "trailhead_weekly",
    "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
}
BY_FORMAT = {
    "date": "2026-11-20",
    "date-time": "2026-11-20T10:30:00.000Z",
    "uuid": "01a1f804-9a3c-7cfb-b69f-857d4e58d173",
}
BY_TYPE: dict[str, Any] = {"boolean": True, "number": 1, "null": None}
DEEPEST = 8


def example_of(schema: Schema, schemas: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """Return a value that `schema` admits; `schemas` are the named ones, `name` is the field it is for."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name, depth)
    for key in ("example", "const"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    if name in BY_NAME and schema.get("type") == "string":
        return BY_NAME[name]
    for key in ("allOf", "anyOf", "oneOf"):
        if schema.get(key):
            return example_of(_telling(schema[key]), schemas, name, depth)
    return schema["default"] if schema.get("default") is not None else _by_type(schema, schemas, name, depth)


def _telling(choices: list[Schema]) -> Schema:
    return next((choice for choice in choices if choice.get("type") != "null"), choices[0])


def _by_type(schema: Schema, schemas: Mapping[str, Schema], name: str, depth: int) -> Any:
    kind = schema.get("type")
    if depth > DEEPEST:
        return None
    if kind == "object":
        return _object(schema, schemas, depth)
    if kind == "array":
        return [example_of(schema.get("items", {}), schemas, name, depth + 1)]
    if kind == "integer":
        return max(schema.get("minimum", 1), 1)
    if kind == "string":
        return BY_FORMAT.get(schema.get("format", ""), name or "text")
    return BY_TYPE.get(str(kind))


def _object(schema: Schema, schemas: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    made = {
        field: example_of(its_schema, schemas, field, depth + 1)
        for field, its_schema in schema.get("properties", {}).items()
    }
    others = schema.get("additionalProperties")
    if not made and isinstance(others, Mapping):
        made["trailhead_weekly"] = example_of(others, schemas, "", depth + 1)
    return made
