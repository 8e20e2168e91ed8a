"""The Lambdas behind the queues and the clock: each message to one service call, each failure to its own retry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from chalicelib import observability as tell
from chalicelib.api import messages
from chalicelib.errors import ObjectMissing, SweepIncomplete
from chalicelib.model import Recording
from chalicelib.services import asking, desk, end, mute_asked, redact, transcribe
from chalicelib.services import exercise as exercising
from chalicelib.services import fetch as fetching
from chalicelib.services import hear as hearing
from chalicelib.services import receive as arrival
from chalicelib.services import steer as steering
from chalicelib.services.told import opaque, told_from
from chalicelib.telephony.facts import Kind
from chalicelib.wiring import machine

Answer = dict[str, Any]


@tell.metrics.log_metrics
def receive(event: Answer, context: Any) -> Answer:
    """Arrivals: events of the inbox."""

    def take_in(body: str, now: datetime) -> Recording:
        key, version = messages.dropped_object(body)
        return arrival.receive(machine(), key, version, now)

    return _each("receive", take_in, event, context)


@tell.metrics.log_metrics
def start_transcription(event: Answer, context: Any) -> Answer:
    """Judged recordings, by id."""
    return _each("transcribe", lambda body, now: transcribe.transcribe(machine(), _id(body), now), event, context)


@tell.metrics.log_metrics
def finish(event: Answer, context: Any) -> Answer:
    """Recordings whose transcription ended, by the recogniser's event or by the poll."""
    return _each("redact", lambda body, now: redact.redact(machine(), _id(body), now), event, context)


@tell.metrics.log_metrics
def hear(event: Answer, context: Any) -> Answer:
    """What was said of calls: by webhooks, by EventBridge, and moments at which something was to end."""

    def take_in(body: str, now: datetime) -> None:
        said = messages.document(body)
        if "follow" in said:
            _steered(hearing.follow(machine(), str(said["follow"]), now))
            return
        if "steer" in said:
            tries = said.get("tries", 3)
            woken = said.get("woken") is True
            _steered(steering.steer(machine(), str(said["steer"]), now, woken, tries if isinstance(tries, int) else 0))
            return
        told = (
            [told_from(said["told"])] if "told" in said else [opaque(machine(), e, now) for e in messages.events(said)]
        )
        for each in told:
            if any(fact.kind is Kind.SCREEN for fact in each.facts):
                tell.counted("screens", 1)
            _steered(hearing.hear(machine(), each, now))

    return _each("hear", take_in, event, context)


@tell.metrics.log_metrics
def fetch(event: Answer, context: Any) -> Answer:
    """Recordings that wait at their providers."""

    def bring(body: str, now: datetime) -> None:
        tell.counted(f"fetch-{fetching.fetch(machine(), messages.document(body), now)}", 1)

    return _each("fetch", bring, event, context)


def _steered(outcome: steering.Outcome) -> None:
    tell.steered(outcome.course, outcome.ground, outcome.done, outcome.refused)


@tell.metrics.log_metrics
def exercise(event: Answer, context: Any) -> Answer:
    """Requests of data subjects: carried out, and told."""

    def carry_out(body: str, now: datetime) -> None:
        said = messages.document(body)
        if "mute-again" in said:
            mute_asked.muted_again(machine(), said, now)
        elif "extended" in said:
            desk.tell_extension(machine(), str(said["extended"]), now)
        elif found := exercising.exercise(machine(), str(said.get("request")), now, said.get("once") is True):
            tell.requested(found)
            if any(told.code == "provider-keeps" for told in found.told):
                tell.counted("provider-keeps", 1)

    return _each("rights", carry_out, event, context)


@tell.metrics.log_metrics
def clock(_event: Answer, _context: Any) -> Answer:
    """Every morning: what is due, what stands still, what is to be forgotten."""
    now = datetime.now(UTC)
    found = desk.tick(machine(), now)
    for alert in found:
        tell.due(alert.request, alert.days)
    tell.counted("requests-due", len(found))
    for error in chain(desk.forget(machine(), now), asking.lapse(machine(), now)):
        tell.failed("clock", error)
    return {"due": len(found)}


@tell.metrics.log_metrics
def poll(_event: Answer, _context: Any) -> Answer:
    """Every quarter of an hour: the backstop for whatever stands still."""
    sent = len(transcribe.poll(machine(), datetime.now(UTC)))
    tell.counted("poll-sent", sent)
    return {"sent": sent}


@tell.metrics.log_metrics
def sweep(_event: Answer, _context: Any) -> Answer:
    """Every night: whatever is past its end."""
    ended, failed = 0, 0
    for outcome in end.sweep(machine(), datetime.now(UTC)):
        if isinstance(outcome, Exception):
            tell.failed("sweep", outcome)
            failed += 1
        else:
            tell.reached("sweep", outcome)
            ended += 1
    tell.counted("sweep-ended", ended)
    if failed:
        raise SweepIncomplete(f"{failed} recording(s) past their day could not be ended: the log says why")
    return {"ended": ended}


_id = messages.recording_id


def _each(step: str, act: Callable[[str, datetime], Recording | None], event: Answer, context: Any) -> Answer:
    """Run `act` on every message by itself; the answer names those that SQS must deliver again."""

    def handle(record: SQSRecord) -> None:
        try:
            recording = act(record.body, datetime.now(UTC))
            if recording:
                tell.reached(step, recording)
        except ObjectMissing as error:
            if step != "receive":
                tell.failed(step, error)
                raise
            tell.gone(step)
        except Exception as error:
            tell.failed(step, error)
            raise

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return dict(process_partial_response(event=event, record_handler=handle, processor=processor, context=context))
