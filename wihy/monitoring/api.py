"""What load balancers and people on call ask: is it alive, can it serve?"""

from hmac import compare_digest

from flask import Blueprint, request
from flask import Response as FlaskResponse
from spectree import Response

from wihy.core.access import allow, anyone
from wihy.core.client_address import parse
from wihy.core.errors import Forbidden, Unauthorized
from wihy.core.openapi import MEANINGS, Answer, Problem, spec
from wihy.core.settings import settings
from wihy.monitoring import health
from wihy.monitoring.schemas import Alive, Readiness
from wihy.monitoring.service import CONTENT_TYPE, exposition

routes = Blueprint("monitoring_api", __name__)

FORWARDING = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Proto",
    "X-Forwarded-Server",
    "X-Real-Ip",
    "X-Client-Ip",
    "X-Cluster-Client-Ip",
    "True-Client-Ip",
    "Cf-Connecting-Ip",
    "Fastly-Client-Ip",
)


@routes.get("/healthz")
@allow(anyone)
@spec.validate(resp=Response(HTTP_200=Alive), tags=["Monitoring"])
def get_health() -> Answer:
    """Tell that the process runs.

    Asks nothing of the database or of any other part. Any host name is accepted here.
    """
    return Alive()


@routes.get("/readyz")
@allow(anyone)
@spec.validate(
    resp=Response(HTTP_200=Readiness, HTTP_503=(Readiness, "A part keeps it from serving; see `parts`")),
    tags=["Monitoring"],
)
def get_readiness() -> Answer:
    """Tell whether this process can serve, part by part.

    200 also with warnings, such as an unreachable Redis; 503 only when it cannot serve: the database is away or its
    tables are out of date.
    """
    parts = health.examine()
    state = health.worst(parts)
    return Readiness(status=state, parts=parts), 503 if state is health.State.FAILING else 200


@routes.get("/metrics")
@allow(anyone)
@spec.validate(
    resp=Response(HTTP_200=None, HTTP_401=(Problem, MEANINGS[401]), HTTP_403=(Problem, MEANINGS[403])),
    tags=["Monitoring"],
)
def get_metrics() -> Answer:
    """Tell the figures of this host's processes, in Prometheus' text format.

    For who sends `Authorization: Bearer <METRICS_TOKEN>`, and for programs of the same machine that ask directly: a
    request that names a proxy is a stranger's. Any host name is accepted here.
    """
    token = settings().metrics_token
    if not (_is_local() or (token and _bears(token))):
        raise Unauthorized if token else Forbidden("Set METRICS_TOKEN to read this from elsewhere")
    return FlaskResponse(exposition(), content_type=CONTENT_TYPE)


def _is_local() -> bool:
    """Whether a program of this machine asks, and not a proxy for somebody else."""
    peer = parse(request.environ.get("REMOTE_ADDR"))
    is_direct = not any(name in request.headers for name in FORWARDING)
    return is_direct and peer is not None and peer.is_loopback


def _bears(token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower() == "bearer" and compare_digest(given.strip().encode(), token.encode())
