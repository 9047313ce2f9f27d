"""A Flask application that only parses the body it is sent: what serving a chart costs before anything is done with it."""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

BODY_LIMIT = 10_000_000


def application() -> Flask:
    """The same route as the hook's, so that the same load can be put on both."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT + 1

    @app.post("/cds-services/trial-eligibility-patient-view")
    def parse() -> Response:
        orjson.loads(request.get_data())
        return Response(b'{"cards":[]}', mimetype="application/json")

    @app.get("/readyz")
    def ready() -> Response:
        return Response(b"{}", mimetype="application/json")

    return app
