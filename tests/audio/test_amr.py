"""AMR muted frame by frame: nothing is heard in a span, and soon after one the sound is what it was."""

from __future__ import annotations

import io

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.amr import NARROW, WIDE, margin_ms, mute, normalise, sketch
from chalicelib.errors import DamagedRecording, EmptyRecording, UnreadableRecording, UnsupportedCodec
from chalicelib.model import Span
from tests.audio.coded import WIDE_CALL, encoded, heard

SPANS = [Span(2_000, 3_000), Span(3_010, 3_200), Span(6_000, 6_120), Span(6_050, 6_060)]
QUIET = 32_768 * 10 ** (-70 / 20)
NARROW_KBPS = (4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2, 12.2)
CALLS = {f"{kbps} kbit/s": encoded("amr", "libopencore_amrnb", 8000, 1, kbps, 9) for kbps in NARROW_KBPS}
CALLS |= {
    "with pauses": encoded("amr", "libopencore_amrnb", 8000, 1, 12.2, 9, "dtx=1"),
    "wide, every mode in turn": WIDE_CALL.read_bytes(),
}
DECODED = [  # FFmpeg's own decoder stops at the first pause that was not sent
    (call, ("libopencore_" if reference else "") + ("amrwb" if "wide" in call else "amrnb"))
    for call in CALLS
    for reference in (True, False)
    if reference or call != "with pauses"
]


def muted(body: bytes, spans: list[Span]) -> bytes:
    out = io.BytesIO()
    mute(io.BytesIO(body), out, spans)
    return out.getvalue()


@pytest.mark.parametrize(("call", "decoder"), DECODED)
def test_spans_are_silent_and_the_sound_settles_soon_after_them(call: str, decoder: str) -> None:
    body = CALLS[call]
    (before, rate), (after, _) = heard(body, decoder), heard(muted(body, SPANS), decoder)
    assert before.shape == after.shape
    margin, untouched = margin_ms(io.BytesIO(body)), numpy.ones(len(before), bool)
    for span in SPANS:
        first, last = span.start_ms * rate // 1000, span.end_ms * rate // 1000
        assert abs(before[first:last]).max() > 500
        assert abs(after[first:last]).max() < QUIET
        untouched[max(0, first - margin * rate // 1000) : last + margin * rate // 1000] = False
    assert untouched.sum() > 2 * rate
    assert abs(before - after)[untouched].max() < 200


def test_nothing_of_the_secret_is_left_in_the_file() -> None:
    body = CALLS["12.2 kbit/s"]
    frames = [body[at : at + 32] for at in range(6, len(body), 32)]
    left = muted(body, [Span(2_000, 3_000)])
    assert not any(frame in left for frame in frames[100:150])
    assert all(frame in left for frame in frames[:90])


def test_muted_frames_have_one_size_whatever_was_said_in_them() -> None:
    left = muted(CALLS["with pauses"], [Span(0, 9_000)])
    frames = left.removeprefix(NARROW.magic)
    assert {frames[at : at + 18] for at in range(0, len(frames), 18)} == {NARROW.silent}


def test_a_last_frame_that_was_cut_off_is_left_out() -> None:
    out, body = io.BytesIO(), CALLS["12.2 kbit/s"]
    seen = normalise(io.BytesIO(body[:-3]), out)
    assert out.getvalue() == body[:-32]
    assert seen.duration_ms == sketch(io.BytesIO(body)).duration_ms - 20


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (NARROW.magic, EmptyRecording),
        (WIDE.magic + b"\x04", EmptyRecording),
        (b"#!AMR_MC1.0\n" + bytes(40), UnsupportedCodec),
        (NARROW.magic + b"\x3c" + bytes(31) + b"\x4c" + bytes(31), DamagedRecording),
        (NARROW.magic + b"\xbc" + bytes(31), DamagedRecording),
    ],
)
def test_a_file_that_is_no_sequence_of_frames_is_refused(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        normalise(io.BytesIO(body), io.BytesIO())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3_000), st.binary(max_size=40), st.integers(0, 6_000))
def test_whatever_is_broken_is_read_or_refused(at: int, put: bytes, cut: int) -> None:
    body = bytearray(WIDE_CALL.read_bytes()[:6_000])
    body[at : at + len(put)] = put
    out = io.BytesIO()
    try:
        normalise(io.BytesIO(bytes(body[:cut])), out)
    except UnreadableRecording:
        return
    assert len(muted(out.getvalue(), [Span(0, 60_000)])) < 100_000
