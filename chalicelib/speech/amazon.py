"""Amazon Transcribe's batch JSON (FACTS 3.2), read, written and masked.

Shape: `results.items[]` of `type` pronunciation or punctuation, times as strings in seconds, and a
`channel_label` (`ch_0`) when channels were identified. Only what is read is ever written again, so that no
second copy of the text (`audio_segments`, `speaker_labels`) slips through a masking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from chalicelib.errors import UnreadableTranscript
from chalicelib.model import Finding, Span, Transcript, Word

LABELS = {
    "card": {"fr": "carte", "en": "card"},
    "security-code": {"fr": "cryptogramme", "en": "security code"},
    "expiry": {"fr": "expiration", "en": "expiry"},
    "iban": {"fr": "iban", "en": "iban"},
    "rib": {"fr": "rib", "en": "account"},
    "bic": {"fr": "bic", "en": "bic"},
    "pin": {"fr": "code", "en": "pin"},
    "password": {"fr": "mot de passe", "en": "password"},
    "digits": {"fr": "chiffres", "en": "digits"},
}
"""What stands in a masked transcript in place of each kind, for the people who read it."""

_LONGEST_MS = 24 * 3_600_000


def parse(body: bytes) -> Any:
    """The JSON document in `body`. Raises UnreadableTranscript."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableTranscript("the transcript is not JSON") from error


def load(document: Any, language: str = "") -> Transcript:
    """Read a transcript. `language` stands in when the document names none. Raises UnreadableTranscript."""
    try:
        results = document["results"]
        words = _words(results["items"])
        labels = results.get("channel_labels") or {}
        channels = int(labels.get("number_of_channels", 0)) or 1 + max((w.span.channel or 0 for w in words), default=0)
        return Transcript(tuple(words), results.get("language_code") or language, channels)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError) as error:
        raise UnreadableTranscript("this is not an Amazon Transcribe batch transcript (results.items[])") from error


def _words(items: Iterable[Mapping[str, Any]]) -> list[Word]:
    words: list[Word] = []
    for item in items:
        best = item["alternatives"][0]
        if item["type"] == "punctuation":
            if words:
                words[-1] = _followed_by(words[-1], str(best["content"]))
            continue
        words.append(Word(str(best["content"]), _span(item), _confidence(best.get("confidence"))))
    return sorted(words, key=lambda w: (w.span.start_ms, w.span.end_ms))


def _confidence(value: Any) -> float:
    """Between 0 and 1; what is no such number is no confidence."""
    confidence = float(value or 0)
    return confidence if 0 <= confidence <= 1 else 0.0


def _followed_by(word: Word, punctuation: str) -> Word:
    return Word(word.text, word.span, word.confidence, word.punctuation + punctuation)


def _span(item: Mapping[str, Any]) -> Span:
    """The item's time; a word that ends before it starts still takes a millisecond."""
    start, end = _ms(item["start_time"]), _ms(item["end_time"])
    label = item.get("channel_label")
    return Span(start, max(end, start + 1), int(str(label).removeprefix("ch_")) if label is not None else None)


def _ms(seconds: Any) -> int:
    """Milliseconds from a decimal string of seconds, exactly; never negative, never past a day."""
    value = Decimal(str(seconds)) * 1000
    return max(0, min(int(value.to_integral_value()), _LONGEST_MS))


def dump(transcript: Transcript, name: str) -> dict[str, Any]:
    """Write the document that Amazon Transcribe would for the job `name`."""
    items = [item for word in transcript.words for item in _items(word)]
    results: dict[str, Any] = {
        "language_code": transcript.language,
        "transcripts": [{"transcript": " ".join(w.text + w.punctuation for w in transcript.words)}],
        "items": [{"id": number, **item} for number, item in enumerate(items)],
    }
    if any(word.span.channel is not None for word in transcript.words):
        results["channel_labels"] = _channel_labels(results["items"], transcript.channels)
    return {"jobName": name, "accountId": "", "status": "COMPLETED", "results": results}


def _items(word: Word) -> list[dict[str, Any]]:
    label = {} if word.span.channel is None else {"channel_label": f"ch_{word.span.channel}"}
    spoken = {
        "type": "pronunciation",
        "alternatives": [{"confidence": f"{word.confidence:.3f}", "content": word.text}],
        "start_time": _seconds(word.span.start_ms),
        "end_time": _seconds(word.span.end_ms),
        **label,
    }
    mark = {"type": "punctuation", "alternatives": [{"confidence": "0.0", "content": word.punctuation}], **label}
    return [spoken, mark] if word.punctuation else [spoken]


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03d}"


def _channel_labels(items: list[dict[str, Any]], channels: int) -> dict[str, Any]:
    labels = [f"ch_{channel}" for channel in range(channels)]
    by_channel = [{"channel_label": x, "items": [i for i in items if i.get("channel_label") == x]} for x in labels]
    return {"number_of_channels": channels, "channels": by_channel}


def label(kind: str, language: str) -> str:
    """`[carte]` or `[card]`: French for French calls, English for every other."""
    names = LABELS.get(kind, {})
    return f"[{names.get(language.split('-')[0].lower(), names.get('en', kind))}]"


def plain_text(transcript: Transcript) -> str:
    """The transcript by turns, one line each: `ch_1: Bonjour, …`."""
    lines: list[str] = []
    speaking: object = transcript  # no channel yet
    for word in transcript.words:
        said = word.text + word.punctuation
        if lines and word.span.channel == speaking:
            lines[-1] += f" {said}"
        else:
            lines.append(said if word.span.channel is None else f"ch_{word.span.channel}: {said}")
        speaking = word.span.channel
    return "\n".join(lines)


def mask(transcript: Transcript, muted: Iterable[Finding]) -> Transcript:
    """The transcript with each muted stretch's words replaced by one `[kind]`. Masking twice changes nothing."""
    findings = list(muted)
    words: list[Word] = []
    for word in transcript.words:
        hit = next((f for f in findings if f.span.overlaps(word.span)), None)
        if hit is None:
            words.append(word)
            continue
        masked = Word(label(hit.kind, transcript.language), word.span, 1.0)
        previous = next((w for w in reversed(words) if w.span.channel == word.span.channel), None)
        if previous is None or previous.text != masked.text or not hit.span.overlaps(previous.span):
            words.append(masked)
    return Transcript(tuple(words), transcript.language, transcript.channels)
