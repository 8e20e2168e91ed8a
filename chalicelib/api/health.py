"""`GET /health`: whether the API answers, for load balancers and the deploy step. Says nothing of anybody."""

from __future__ import annotations

from chalice.app import Blueprint

routes = Blueprint(__name__)


@routes.route("/health", methods=["GET"])
def health() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}
