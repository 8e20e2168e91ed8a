"""The whole machine on one page: its routes, its queues, its clock. No logic."""

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron, Rate, SQSEvent

from chalicelib.api import connect_flow, steps
from chalicelib.api.agents import routes as agents
from chalicelib.api.calls import routes as calls
from chalicelib.api.desk import routes as desk
from chalicelib.api.desk_requests import routes as desk_requests
from chalicelib.api.exports import routes as exports
from chalicelib.api.health import routes as health
from chalicelib.api.information import routes as information
from chalicelib.api.listen import routes as listen
from chalicelib.api.live import routes as live
from chalicelib.api.rectify import routes as rectify
from chalicelib.api.requests import routes as requests
from chalicelib.api.switches import routes as switches
from chalicelib.api.voice import routes as voice
from chalicelib.api.webhooks import routes as webhooks

app = Chalice(app_name="sourdine")
app.register_blueprint(health)
app.register_blueprint(information)
app.register_blueprint(agents)
app.register_blueprint(calls)
app.register_blueprint(desk)
app.register_blueprint(desk_requests)
app.register_blueprint(exports)
app.register_blueprint(requests)
app.register_blueprint(listen)
app.register_blueprint(live)
app.register_blueprint(rectify)
app.register_blueprint(switches)
app.register_blueprint(voice)
app.register_blueprint(webhooks)


@app.on_sqs_message(queue="arrivals", batch_size=10)
def receive(event: SQSEvent) -> Any:
    """inbox -> judged, discarded or quarantined"""
    return steps.receive(event.to_dict(), event.context)


@app.on_sqs_message(queue="transcribe", batch_size=1)
def transcribe(event: SQSEvent) -> Any:
    """judged -> transcribing"""
    return steps.start_transcription(event.to_dict(), event.context)


@app.on_sqs_message(queue="redact", batch_size=1)
def redact(event: SQSEvent) -> Any:
    """transcribing -> available, or quarantined"""
    return steps.finish(event.to_dict(), event.context)


@app.on_sqs_message(queue="calls", batch_size=1)
def hear(event: SQSEvent) -> Any:
    """What was said of calls -> kept, and recordings that go on paused, resumed, stopped"""
    return steps.hear(event.to_dict(), event.context)


@app.on_sqs_message(queue="fetch", batch_size=1)
def fetch(event: SQSEvent) -> Any:
    """providers -> inbox"""
    return steps.fetch(event.to_dict(), event.context)


@app.on_sqs_message(queue="rights", batch_size=1)
def exercise(event: SQSEvent) -> Any:
    """Requests of data subjects -> answered, erased or explained"""
    return steps.exercise(event.to_dict(), event.context)


@app.lambda_function(name="flow")
def flow(event: Any, context: Any) -> Any:
    """An Amazon Connect flow asks whether a call may be recorded"""
    return connect_flow.ask(event, context)


@app.schedule(Rate(15, unit=Rate.MINUTES))
def poll(event: CloudWatchEvent) -> Any:
    """The recogniser's lost answers"""
    return steps.poll(event.to_dict(), event.context)


@app.schedule(Cron(0, 5, "*", "*", "?", "*"))
def clock(event: CloudWatchEvent) -> Any:
    """What is owed to data subjects, and by when"""
    return steps.clock(event.to_dict(), event.context)


@app.schedule(Cron(5, "5,11,17,23", "*", "*", "?", "*"))
def sweep(event: CloudWatchEvent) -> Any:
    """available -> expired, in the first hours of the call's last day (23:05 UTC is past midnight in Paris)"""
    return steps.sweep(event.to_dict(), event.context)
