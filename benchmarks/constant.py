"""The ceiling: a bare Flask application that answers a constant."""

from flask import Flask
from flask.typing import ResponseReturnValue

app = Flask(__name__)


@app.post("/api/tracking/capture")
@app.post("/api/tracking/capture/batch")
def answer() -> ResponseReturnValue:
    """Answer as a capture would, with nothing done."""
    return {"success": True, "eventId": "01a1f801-0000-7000-8000-000000000000"}, 201
