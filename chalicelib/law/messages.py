"""What is written to a person about their request: a subject and a text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from chalicelib.law.document import in_words
from chalicelib.law.policy import Policy
from chalicelib.law.request import Request, due
from chalicelib.law.shown import reached
from chalicelib.law.texts import texts

Message = tuple[str, str]


def answer_ready(request: Request, policy: Policy, public_url: str) -> Message:
    """That an answer is there, until when, and where; never which: others may read that telephone too."""
    words = texts(request.language)["message"]["ready"]
    where = policy.requests.page or (f"{public_url}/requests" if public_url else "")
    said = _said(request, policy, policy.keeping.exports.after(request.answered_on or request.received_on))
    return words["subject"], words["text"].format(**said, where=where or words["where"].format(**said))


def extended(request: Request, policy: Policy) -> Message:
    """Until when it is answered instead, and why (art. 12(3))."""
    words = texts(request.language)["message"]["extended"]
    first, later = due(replace(request, extended=False), policy), due(request, policy)
    assert first is not None, "what awaits an identity has no day"
    assert later is not None
    before = in_words(first.due_on, request.language)
    said = _said(request, policy, later.due_on)
    return words["subject"], words["text"].format(**said, before=before, reasons=request.reasons)


def lifting(request: Request, policy: Policy, day: date) -> Message:
    """That what they had restricted is so no longer from that day on (art. 18(3))."""
    words = texts(request.language)["message"]["lifting"]
    return words["subject"], words["text"].format(**_said(request, policy, day))


def _said(request: Request, policy: Policy, day: date) -> dict[str, str]:
    return {
        "controller": policy.controller.name,
        "dpo": reached(policy.dpo),
        "request": request.id,
        "day": in_words(day, request.language),
    }
