"""A missed number is reported: asked of the queue, which gives the muting the minutes that it takes, and done there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import InvalidMessage, InvalidSpan, ObjectMissing, SourdineError, StaleRecording
from chalicelib.law.cuts import OPEN_END_MS
from chalicelib.model import Recording, Span
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.redact_again import MUTED_AGAIN, redact_again, require_inside, vault_shelf


def require_mutable(recording: Recording, spans: Iterable[Span]) -> None:
    """Return if the recording is in the vault and the spans begin in it, as far as its row can tell.

    Raises CannotBeMuted or SpanOutsideRecording.
    """
    vault_shelf(recording)
    longest = recording.duration_ms if recording.length_known else OPEN_END_MS
    for span in spans:
        require_inside(span, longest, recording.channels)


def ask(machine: Machine, recording_id: str, spans: Iterable[Span], by: str) -> None:
    """Have it done by the queue, which gives it the minutes that it takes. Raises what `require_mutable` raises."""
    wanted = list(spans)
    require_mutable(machine.recording(recording_id), wanted)
    plain = [[span.start_ms, span.end_ms, span.channel] for span in wanted]
    machine.steps.post(Step.RIGHTS, {"mute-again": recording_id, "spans": plain, "by": by})


def muted_again(machine: Machine, message: Mapping[str, Any], now: datetime) -> str:
    """Do what a message of `ask` says; returns the ground, or the code of why it was not done.

    Raises InvalidMessage, and what another delivery can mend: ObjectMissing, StaleRecording.
    """
    try:
        recording_id, by = str(message["mute-again"]), str(message["by"])
        spans = [Span(int(start), int(end), channel) for start, end, channel in message["spans"]]
    except (KeyError, TypeError, ValueError, InvalidSpan) as error:
        raise InvalidMessage("not a message about muting again") from error
    try:
        redact_again(machine, recording_id, spans, now, by)
    except (ObjectMissing, StaleRecording):
        raise
    except SourdineError as error:  # it is on the ledger, and nobody hears it: again it would fail again
        return error.code
    return MUTED_AGAIN
