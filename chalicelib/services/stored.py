"""One stored recording redacted where it lies: what `redact_file` does, with no sound on disk.

It is read range by range, and the store copies by itself what no span touches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chalicelib.audio.mute import muted, plan
from chalicelib.audio.sniff import HEAD_BYTES, WAV, kind
from chalicelib.audio.verify import verify
from chalicelib.errors import ObjectMissing
from chalicelib.model import Finding, Span, Transcript
from chalicelib.services.media import examine_stream
from chalicelib.services.ports import Objects, Place
from chalicelib.services.redaction import Manner, find, require_no_key

CONTENT_TYPE = "audio/wav"


def redact_stored(
    objects: Objects,
    source: Place,
    target: Place,
    vault: Place,
    tags: Mapping[str, str],
    transcript: Transcript,
    language: str,
    manner: Manner,
    cut: Iterable[Span] = (),
) -> list[Finding] | None:
    """Compose `target` out of `source` with the bank data silenced, verify it, copy it to `vault`.

    Returns what was muted.

    None, and nothing is done, where it is no WAV whose samples lie one by one. Raises what `redact_file` raises;
    then `target` must not be used.
    """
    with objects.open(source) as stream:
        if kind(stream.read(HEAD_BYTES)) != WAV:
            return None
        sound = examine_stream(stream)
        if sound.block_frames > 1:
            return None
        findings = find(stream, sound, transcript, language, manner, cut)
        spans = [finding.span for finding in findings]
        redacted = muted(stream, sound, spans, manner.tone)
        objects.compose(source, target, plan(stream, sound, spans), redacted, CONTENT_TYPE, {})
    composed = objects.info(target).fingerprint
    with objects.open(source) as before, objects.open(target) as after:
        verify(before, after, spans, manner.tone)
        require_no_key(after, examine_stream(after), manner.menu_keys)
    objects.copy(target, vault, tags, CONTENT_TYPE)
    if objects.info(target).fingerprint != composed:
        objects.delete(vault)
        raise ObjectMissing("another delivery wrote over what was verified: it is done again")
    return findings
