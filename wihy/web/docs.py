"""The API's documentation: `/openapi.json`, and the page `/docs` that makes it readable."""

from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, render_template

from wihy.core.access import allow, anyone
from wihy.web.openapi_document import publish

routes = Blueprint("web_docs", __name__)

VENDOR = ("swagger-ui-bundle.js", "swagger-ui.css")


@routes.get("/openapi.json")
@allow(anyone)
def get_openapi() -> Response:
    """Return the OpenAPI document; it stays the same while the process runs."""
    extensions = current_app.extensions
    if "openapi_json" not in extensions:
        extensions["openapi_json"] = orjson.dumps(publish(current_app))
    response = Response(extensions["openapi_json"], mimetype="application/json")
    response.headers.update({"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"})
    return response


@routes.get("/docs")
@allow(anyone)
def show_docs() -> str:
    """Show the API's documentation; says what is missing where the files from npm were not installed."""
    folder = Path(current_app.static_folder or "") / "vendor"
    missing = [name for name in VENDOR if not (folder / name).is_file()]
    return render_template("web/docs.html", missing=missing)
