"""A recording as a vCon: the IETF's container of a conversation (draft-ietf-vcon-vcon-core-04, syntax 0.4.0).

Nobody is named: each party is `anonymous` (4.2.5). The sound is the file beside it, by its name and SHA-512; what was
muted is an attachment, and what was said the analysis `transcript`.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.model import Recording

_AGENT, _CALLER = 0, 1


def vcon(
    recording: Recording, transcript: dict[str, Any], sound: tuple[str, str, bytes] | None, now: datetime
) -> dict[str, Any]:
    """`sound` is the file's name, its media type and its SHA-512; None where it is not handed over."""
    began = (recording.started_at or now).isoformat()
    dialog: dict[str, Any] = {"type": "recording", "start": began, "parties": _parties(recording)}
    if recording.duration_ms:
        dialog["duration"] = recording.duration_ms / 1000
    if sound:
        name, media_type, digest = sound
        dialog |= {"mediatype": media_type, "filename": name, "content_hash": content_hash(digest)}
    muted = {"purpose": "muted", "start": began, "party": _AGENT, "dialog": 0, **_inline(plain_muted(recording))}
    words = {"type": "transcript", "dialog": 0, "vendor": "Sourdine", "schema": "amazon-transcribe-batch"}
    return {
        "vcon": "0.4.0",
        "uuid": str(uuid_of(recording.id)),
        "created_at": now.isoformat(),
        "redacted": {"type": "bank data"},
        "parties": [{"name": "anonymous"}, {"name": "anonymous"}],
        "dialog": [dialog],
        "analysis": [words | _inline(transcript)],
        "attachments": [muted],
    }


def plain_muted(recording: Recording) -> list[dict[str, Any]]:
    """What was muted, by kind and time: no digit of it is known any more."""
    return [
        {"kind": each.kind, "start_ms": each.span.start_ms, "end_ms": each.span.end_ms, "channel": each.span.channel}
        for each in recording.muted
    ]


def content_hash(digest: bytes) -> str:
    """As the draft writes it (2.2): the algorithm, a hyphen, and the digest as Base64url."""
    return f"sha512-{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def uuid_of(recording_id: str) -> UUID:
    """The same for the same recording: version 8 (RFC 9562, 5.8), which the draft asks for (4.1.2)."""
    number = int.from_bytes(hashlib.sha256(f"vcon {recording_id}".encode()).digest()[:16], "big")
    version, variant = 8 << 76, 2 << 62
    return UUID(int=number & ~(0xF << 76) & ~(3 << 62) | version | variant)


def _parties(recording: Recording) -> list[Any]:
    """One entry for each channel (4.3.4); both parties, where nothing tells which is whose."""
    if recording.channels != 2 or recording.agent_channel not in (0, 1):
        return [_AGENT, _CALLER] if recording.channels != 2 else [[_AGENT, _CALLER], [_AGENT, _CALLER]]
    return [_AGENT, _CALLER] if recording.agent_channel == 0 else [_CALLER, _AGENT]


def _inline(body: Any) -> dict[str, Any]:
    return {"mediatype": "application/json", "encoding": "json", "body": body}
