"""The way in, and what robots may read."""

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from wihy.core.access import Kind, allow, anyone, who_asks

routes = Blueprint("web_pages", __name__)

HOMES = {Kind.STAFF: "/tracking-dashboard"}
HIDDEN_FROM_ROBOTS = ("/engagement", "/tickets", "/l", "/share", "/api")
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in HIDDEN_FROM_ROBOTS)


@routes.get("/")
@allow(anyone)
def show_home() -> AnyResponse:
    """Lead people to their own first page, strangers to the sign-in."""
    return redirect(HOMES.get(who_asks().kind, "/login"))


@routes.get("/robots.txt")
@allow(anyone)
def show_robots() -> Response:
    """Tell crawlers what is not for them: pages behind tokens, and clicks that are none."""
    return Response(ROBOTS, mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})
