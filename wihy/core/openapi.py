"""The OpenAPI 3.1 document, and the reading of bodies and queries that it describes.

A route says what it takes by annotation (`json: NewUser`, `query: Filters`) and what it answers by `answers(…)`:

    @routes.post("/users")
    @allow(admin)
    @spec.validate(resp=answers(UserAnswer, 201), tags=["Users"])
    def create_user(json: NewUser) -> Answer: …

The mark stands above, so that who asks is judged before what is asked.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, make_response
from flask import Response as FlaskResponse
from pydantic import BaseModel, ValidationError
from spectree import Response, SpecTree
from spectree.models import InType, SecureType, SecurityScheme, SecuritySchemeData
from spectree.plugins.base import Context
from spectree.plugins.flask_plugin import FlaskPlugin
from spectree.utils import get_multidict_items

from wihy import __version__
from wihy.core.access import Who, anyone
from wihy.core.bodies import read_json
from wihy.core.errors import InvalidRequest
from wihy.core.schemas import Outgoing

# spectree evaluates annotations at run time, which Flask's own type for answers does not survive
Answer = FlaskResponse | BaseModel | tuple[BaseModel, int] | tuple[BaseModel, int, dict[str, str]]

View = TypeVar("View", bound=Callable[..., Any])

DESCRIPTION = """Capture clicks, read figures, manage people and keys.

Times go out as UTC (`2026-11-20T10:30:00.000Z`) and come in as RFC 3339 with any offset. `null` in a body means that
the field is absent. Every error has the same envelope (`Problem`), and every answer carries `X-Request-Id`.
Faults of ours answer 503 with `Retry-After`; the same request may be sent again."""
SECURITY = [
    SecurityScheme(
        name="bearer",
        data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer", bearer_format="JWT"),
    ),
    SecurityScheme(
        name="cookie",
        data=SecuritySchemeData(
            type=SecureType.API_KEY,
            name="wihy_session",
            field_in=InType.COOKIE,
            description="The same token, set at sign-in. Writes also need the header X-CSRFToken.",
        ),
    ),
    SecurityScheme(
        name="apiKey",
        data=SecuritySchemeData(type=SecureType.API_KEY, name="X-Api-Key", field_in=InType.HEADER),
    ),
]
MEANINGS = {
    400: "`INVALID_REQUEST`: what was sent cannot be used; `details` names each problem",
    401: "`UNAUTHORIZED`: no valid token, session or key",
    403: "`Forbidden`: not allowed to you",
    404: "`NOT_FOUND`",
    409: "A conflict with what is there",
    413: "`PAYLOAD_TOO_LARGE`",
    415: "`UNSUPPORTED_MEDIA_TYPE`",
    429: "`RATE_LIMITED`, with `Retry-After`",
    503: "`SERVICE_UNAVAILABLE`, with `Retry-After`",
}


IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your choice for this request. Who sends it again within 24 hours, because no answer "
    "came, gets the first answer, with `Idempotency-Replayed: true`, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    "example": "5f1c2a9e-booking-456",
}
SAME_KEY = (
    "`IDEMPOTENCY_CONFLICT`: this `Idempotency-Key` was used for another request; `CONFLICT`: its first request is "
    "still being answered, try again"
)


class ProblemDetail(Outgoing):
    """One problem of a request."""

    field: str
    message: str
    at: str | None = None


class Problem(Outgoing):
    """The error envelope."""

    success: bool = False
    status: str = "error"
    code: str
    message: str
    details: list[ProblemDetail] | None = None
    request_id: str | None = None


class StrictPlugin(FlaskPlugin):
    """Reads bodies as `core.bodies` does, answers refusals in the one envelope, leaves streams alone."""

    def request_validation(
        self, request: Any, query: Any, json: Any, form: Any, headers: Any, cookies: Any
    ) -> None:
        """Put the checked query and body where the decorator finds them; raises `Refusal`."""
        try:
            unquote_to_bytes(request.query_string).decode()
        except UnicodeDecodeError:
            raise InvalidRequest("The address is not UTF-8") from None
        try:
            checked_query = query.model_validate(get_multidict_items(request.args, query)) if query else None
        except ValidationError as error:
            raise InvalidRequest.of(error) from None
        request.context = Context(checked_query, read_json(json) if json else None, None, None, None)

    def validate_response(
        self,
        resp: Any,
        resp_model: Any,
        skip_validation: bool,
        force_resp_serialize: bool,
    ) -> tuple[FlaskResponse, None]:
        """Turn what a view returns into a response; a view's own models are right by their types."""
        payload, *rest = resp if isinstance(resp, tuple) else (resp,)
        if isinstance(payload, BaseModel):
            payload = FlaskResponse(payload.model_dump_json(), mimetype="application/json")
        return make_response(payload, *rest), None


def _name(model: type[BaseModel]) -> str:
    return model.__name__


spec = SpecTree(
    backend_name="flask",
    backend=StrictPlugin,
    title="WIHY",
    version=__version__,
    description=DESCRIPTION,
    mode="strict",
    path="openapi.json",  # spectree leaves out every route that begins so
    page_templates={},
    security_schemes=SECURITY,
    validation_error_status=400,
    validation_error_model=Problem,
    naming_strategy=_name,
    nested_naming_strategy=lambda _parent, child: child,
)


def describe(**documented: Any) -> Callable[[View], View]:
    """Document a route that reads its body and makes its answer itself, without a step between."""

    def mark(view: View) -> View:
        @wraps(view)
        def described(*args: Any, **kwargs: Any) -> Any:
            return view(*args, **kwargs)

        # spectree follows this to what it knows of the view
        described.__wrapped__ = spec.validate(**documented, skip_validation=True)(view)
        return described  # type: ignore[return-value]

    return mark


def answers(
    model: type[BaseModel] | None,
    status: int = 200,
    *,
    refusals: tuple[int, ...] = (401, 403, 429),
    **also: Any,
) -> Response:
    """Return what a route answers: `model` with `status`, the usual refusals, and `also` (`HTTP_200=Model`)."""
    described = {f"HTTP_{code}": (Problem, MEANINGS[code]) for code in (400, *refusals, 503)}
    return Response(**{f"HTTP_{status}": model, **described, **also})


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, each operation with the ways of proving who asks that its mark allows."""
    with app.app_context():
        described: dict[str, Any] = spec.spec
    for rule in app.url_map.iter_rules():
        path = described["paths"].get(_openapi_path(str(rule)), {})
        view = app.view_functions[rule.endpoint]
        for method, operation in path.items():
            if method.upper() in (rule.methods or ()):
                operation["security"] = _security(getattr(view, "access", ()))
                if hasattr(view, "is_idempotent"):
                    _offer_key(operation)
    return described


def _offer_key(operation: dict[str, Any]) -> None:
    operation["parameters"] = [*operation.get("parameters", []), IDEMPOTENCY_KEY]
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["409"] = {"description": SAME_KEY, "content": problem}


def _openapi_path(rule: str) -> str:
    return "".join("{" + part.split(":")[-1].replace(">", "}") for part in rule.split("<"))[1:]


def _security(who: tuple[Who, ...]) -> list[dict[str, list[str]]]:
    if anyone in who:
        return []
    by_key: list[dict[str, list[str]]] = (
        [{"apiKey": []}] if any("api_key" in one.kinds for one in who) else []
    )
    return [{"bearer": []}, {"cookie": []}, *by_key]
