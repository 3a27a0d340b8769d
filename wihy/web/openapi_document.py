"""The OpenAPI document as it is published: core's, with what only the whole can say.

Every body and answer gets an example, every refusal its own code, the capture's body its second form.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from flask import Flask

from wihy.core import openapi
from wihy.core.errors import CODES, TITLES
from wihy.core.openapi import MEANINGS
from wihy.web.openapi_examples import example_of

JSON = "application/json"
PROBLEM = {"$ref": "#/components/schemas/Problem"}
BEACON_PATH = "/api/tracking/capture"
METHODS = frozenset({"get", "put", "post", "delete", "patch"})
TAGS = {
    "Capture": "What the marketed site sends: clicks in and out.",
    "Links": "Saved tracking links and their short addresses.",
    "Shares": "Read-only dashboards locked to filters, for people without an account.",
    "Customers": "Customers of host applications: who they are, tokens that act as them.",
    "Records": "Rides, orders, tables…: what host applications keep, and tickets and events refer to.",
    "Interactions": "What customers do with events and services, and how engaged that shows them to be.",
    "Points": "What customers earn by what they do, entry by entry.",
    "Notifications": "What customers are told, in their language.",
    "Audit": "Who did what, when: append-only and sealed.",
    "Sign-in": "Staff and customers: tokens, sessions, passwords.",
    "Monitoring": "What load balancers and people on call ask.",
}
METRICS = """# HELP wihy_captures_stored_total Events that were answered as stored.
# TYPE wihy_captures_stored_total counter
wihy_captures_stored_total 1204.0
"""

Operation = dict[str, Any]


def publish(app: Flask) -> dict[str, Any]:
    """Return the document of `app`."""
    document = deepcopy(openapi.document(app))
    schemas = document["components"]["schemas"]
    for operation in _operations(document):
        _describe_refusals(operation)
        _give_examples(operation, schemas)
    _accept_beacons(document)
    _show_metrics_as_text(document)
    for tag in document["tags"]:
        tag.setdefault("description", TAGS.get(tag["name"], ""))
    return document


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path in document["paths"].values():
        yield from (operation for method, operation in path.items() if method in METHODS)


def _describe_refusals(operation: Operation) -> None:
    """Give each refusal its meaning and its code, 500 too, and sort the answers."""
    answers = operation["responses"]
    answers.setdefault("500", {"description": "", "content": {JSON: {"schema": PROBLEM}}})
    for status, answer in answers.items():
        content = answer.get("content", {}).get(JSON)
        if content is None or content.get("schema") != PROBLEM:
            continue
        number = int(status)
        if answer.get("description") in ("", "Bad Request"):
            answer["description"] = MEANINGS.get(number, TITLES.get(number, ""))
        content.setdefault("example", _refusal(number))
    operation["responses"] = {status: answers[status] for status in sorted(answers)}


def _refusal(status: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "success": False,
        "status": "error",
        "code": CODES.get(status, "INTERNAL_ERROR"),
        "message": TITLES.get(status, "Conflict"),
    }
    if status == 400:
        body["details"] = [{"field": "eventType", "message": "Input should be 'inbound' or 'outbound'"}]
    if status == 500:
        body["requestId"] = "9e8abdc5e9bc4d059e86c7f04adbd252"
    return body


def _give_examples(operation: Operation, schemas: dict[str, Any]) -> None:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    for body in bodies:
        for content in body.get("content", {}).values():
            if "schema" in content and "examples" not in content:
                content.setdefault("example", example_of(content["schema"], schemas))


def _accept_beacons(document: dict[str, Any]) -> None:
    """Say that the capture's body may come as `text/plain`: all that `navigator.sendBeacon` sends unasked."""
    body = document["paths"].get(BEACON_PATH, {}).get("post", {}).get("requestBody", {})
    content = body.get("content", {})
    if JSON in content:
        content["text/plain"] = {**content[JSON]}


def _show_metrics_as_text(document: dict[str, Any]) -> None:
    """Say what the one answer that is no JSON looks like."""
    answer = document["paths"].get("/metrics", {}).get("get", {}).get("responses", {}).get("200")
    if answer is not None:
        answer["content"] = {"text/plain": {"schema": {"type": "string"}, "example": METRICS}}
