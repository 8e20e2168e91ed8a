"""A request whose asker is known: what holds at once, and what is carried out now or waits for the DPO."""

from __future__ import annotations

from datetime import datetime

from chalicelib.law.request import Request
from chalicelib.services.machine import Machine


def take_up(machine: Machine, request: Request, now: datetime) -> Request:
    """From `identity-awaited` on. Idempotent; raises StaleRequest where somebody else did in the same moment."""
    raise NotImplementedError
