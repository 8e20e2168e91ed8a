"""The end of requests that nobody proved: nobody can be answered of whom nobody knows who it is (GDPR, art. 12(2))."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.errors import StaleRequest
from chalicelib.law.request import Request, Status, forgotten
from chalicelib.services.machine import Machine

PROOF_AWAITED = timedelta(days=30)
"""From the day on which it was asked for; whoever comes later asks again."""


def lapse(machine: Machine, now: datetime) -> int:
    """End the requests that nobody proved in thirty days, and forget who they spoke of; how many those were."""
    count = 0
    for seen in list(machine.requests.of(Status.UNPROVEN)):
        request = machine.requests.get(seen.id)  # an index may be late
        if request is None or request.state is not Status.UNPROVEN or not _is_over(request, machine.day(now)):
            continue
        ended = replace(forgotten(request), state=Status.LAPSED, by="machine", policy=machine.policy.version)
        with suppress(StaleRequest):  # it was proved in this very moment
            machine.requests.write(ended, "lapsed", now)
            count += 1
    return count


def _is_over(request: Request, today: date) -> bool:
    return (request.asked_on or request.received_on) + PROOF_AWAITED < today
