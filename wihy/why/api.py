"""`/api/tracking/why`."""

from flask import Blueprint

from wihy.core.access import allow, staff
from wihy.core.openapi import Answer, answers, spec
from wihy.why.schemas import Asked, WhyAnswer
from wihy.why.service import explain

routes = Blueprint("why_api", __name__)


@routes.get("")
@allow(staff)
@spec.validate(resp=answers(WhyAnswer), tags=["Figures"])
def get_why(query: Asked) -> Answer:
    """Why was this not credited?

    Tells step by step what became of a click, and what to do next. What is not known is not an error: `kind` and
    `verdict` say so. Refused captures are remembered for 7 days, at most 10,000 a day; of duplicates no trace is
    kept.
    """
    return WhyAnswer.of(query.q, explain(query.q))
