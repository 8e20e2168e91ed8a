"""One logger, one metrics namespace, and the only lines that steps may write: opaque ids, states and grounds.

Keys, names, numbers, transcripts and the messages of foreign exceptions (which may quote any of them) stay out.
"""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from chalicelib.law.private import veiled
from chalicelib.law.request import Request
from chalicelib.model import Recording

logger = Logger(service="sourdine")
metrics = Metrics(namespace="Sourdine", service="sourdine")


_INCOMPLETE = {"no-purpose", "not-announced", "start-unknown", "language-unknown", "unsupported-language"}
_SCREENS = {"screen-recording", "recorded-with-screen"}
"""Grounds that somebody is told of (`infra/alarms.yaml`): a source says too little; a screen was recorded."""


def reached(step: str, recording: Recording) -> None:
    """A step is through with a recording."""
    state, ground = recording.state.value, recording.ground
    logger.info("step done", step=step, recording=recording.id, state=state, ground=veiled(ground))
    metrics.add_metric(name=f"{step}-{recording.state}", unit=MetricUnit.Count, value=1)
    if ground in _SCREENS:
        metrics.add_metric(name="screens", unit=MetricUnit.Count, value=1)
    if step == "receive" and ground in _INCOMPLETE:
        metrics.add_metric(name="incomplete", unit=MetricUnit.Count, value=1)


def failed(step: str, error: Exception) -> None:
    """A step failed and will be tried again; only the kind of the error is told."""
    kind = getattr(error, "code", None) or _aws_code(error) or type(error).__name__
    logger.warning("step failed", step=step, error=kind)
    metrics.add_metric(name=f"{step}-failed", unit=MetricUnit.Count, value=1)


def refused(provider: str, check: str) -> None:
    """A webhook that is not provably its provider's: which check it failed, and no value."""
    logger.warning("webhook refused", provider=provider, check=check)
    metrics.add_metric(name="webhook-refused", unit=MetricUnit.Count, value=1)


def steered(course: str, ground: str, done: bool, refused: bool) -> None:
    """Where the recording of a call that goes on was brought."""
    logger.info("steered", course=course, ground=veiled(ground), done=done)
    metrics.add_metric(name=f"call-{course}", unit=MetricUnit.Count, value=1)
    if refused:
        metrics.add_metric(name="control-refused", unit=MetricUnit.Count, value=1)


def requested(request: Request) -> None:
    """A request of a data subject moved on."""
    logger.info("request", request=request.id, right=request.right.value, state=request.state.value)
    metrics.add_metric(name=f"request-{request.state}", unit=MetricUnit.Count, value=1)


def due(request_id: str, days: int) -> None:
    """A request must be answered in so many days; 0 and less is late."""
    logger.warning("request due", request=request_id, days=days)


def flush() -> None:
    """Hand over what was counted, if anything was."""
    if metrics.metric_set:
        metrics.flush_metrics()


def gone(step: str) -> None:
    """The object that an event names is no longer there: taken in by an earlier delivery, or expired."""
    logger.info("object gone", step=step)
    metrics.add_metric(name=f"{step}-gone", unit=MetricUnit.Count, value=1)


def counted(name: str, value: int) -> None:
    """A scheduled step did so much, nothing included: that it ran at all is worth a line."""
    logger.info(name, count=value)
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)


def _aws_code(error: Exception) -> str | None:
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None
