"""Keyed digits are found wherever they are, and speech is not taken for them."""

from __future__ import annotations

import io
import random
import struct

import pytest

from chalicelib.audio.dtmf import HIGH, LOW, keys, sequences
from chalicelib.audio.wav import probe
from chalicelib.model import Finding, Sound, Span
from tests.sounds import CODECS, chunk, encode, fmt, interleave, riff, tone

RATE = 8000


def key(milliseconds: int, low: int, high: int, rate: int = RATE, peak: int = 5000, off: float = 1.0) -> bytes:
    """16-bit samples of one key."""
    pair = (tone(milliseconds, rate, round(hertz * off), peak) for hertz in (low, high))
    return bytes(struct.pack(f"<{rate * milliseconds // 1000}h", *map(sum, zip(*map(_samples, pair), strict=True))))


def _samples(sound: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(sound) // 2}h", sound)


def laid(length_ms: int, sounds: list[tuple[int, bytes]], rate: int = RATE) -> bytes:
    """Sounds at their millisecond, digital silence elsewhere."""
    track = bytearray(length_ms * rate // 1000 * 2)
    for at_ms, sound in sounds:
        at = at_ms * rate // 1000 * 2
        track[at : at + len(sound)] = sound
    return bytes(track)


def opened(tracks: list[bytes], codec: str = "pcm16", rate: int = RATE) -> tuple[io.BytesIO, Sound]:
    body = riff(
        fmt(codec, len(tracks), rate),
        chunk(b"data", interleave([encode(track, codec) for track in tracks], CODECS[codec][1] // 8)),
    )
    return io.BytesIO(body), probe(body, len(body))


@pytest.mark.parametrize("codec", CODECS)
def test_every_key_is_found_on_its_channel_from_its_beginning_to_its_end(codec: str) -> None:
    pairs = [(low, high) for low in LOW for high in HIGH]
    track = laid(9_000, [(500 + 500 * n, key(80, *pair)) for n, pair in enumerate(pairs)])
    found = keys(*opened([laid(9_000, []), track], codec))
    assert len(found) == len(pairs)
    for number, finding in enumerate(found):
        assert (finding.span.channel, finding.kind) == (1, "keyed")
        assert finding.span.start_ms <= 500 + 500 * number
        assert finding.span.end_ms >= 580 + 500 * number
        assert finding.span.end_ms - finding.span.start_ms < 150


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100])
@pytest.mark.parametrize("off", [0.985, 1.0, 1.015])
def test_frequencies_may_be_off_by_one_and_a_half_per_cent_at_any_rate(rate: int, off: float) -> None:
    track = laid(3_000, [(1000, key(60, 852, 1336, rate, off=off))], rate)
    assert len(keys(*opened([track], rate=rate))) == 1


def test_a_key_over_a_minutes_boundary_is_one_key() -> None:
    (found,) = keys(*opened([laid(62_000, [(59_900, key(300, 770, 1209))])]))
    assert found.span.start_ms <= 59_900
    assert found.span.end_ms >= 60_200


def test_noise_and_single_tones_are_no_keys() -> None:
    rng = random.Random(7)
    noise = struct.pack("<80000h", *(round(rng.gauss(0, 3000)) for _ in range(80_000)))
    assert keys(*opened([noise])) == []
    assert keys(*opened([tone(10_000, RATE, 697)])) == []
    assert keys(*opened([tone(10_000, RATE, 1336)])) == []


def test_a_key_in_noise_a_tenth_as_strong_is_found() -> None:
    rng = random.Random(7)
    clean = _samples(laid(4_000, [(500 + 200 * n, key(70, 941, 1477)) for n in range(15)]))
    noisy = struct.pack(f"<{len(clean)}h", *(sample + round(rng.gauss(0, 1500)) for sample in clean))
    assert len(keys(*opened([noisy]))) == 15


def test_a_file_shorter_than_a_frame_has_no_key() -> None:
    assert keys(*opened([laid(10, [])])) == []


def test_a_key_alone_is_a_choice_and_keys_in_a_row_are_not() -> None:
    times = [0, 20_000, 20_300, 40_000, 43_900]
    keyed = [Finding(Span(at, at + 80, 0), "keyed", 0.9, "dtmf") for at in times]
    assert [finding.span.start_ms for finding in sequences(keyed)] == times[1:]
