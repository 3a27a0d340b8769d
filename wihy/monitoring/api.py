"""What load balancers and people on call ask: is it alive, can it serve?"""

from flask import Blueprint
from spectree import Response

from wihy.core.access import allow, anyone
from wihy.core.openapi import Answer, spec
from wihy.monitoring import health
from wihy.monitoring.schemas import Alive, Readiness

routes = Blueprint("monitoring_api", __name__)


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
