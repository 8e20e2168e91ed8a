"""Opus muted with nothing encoded again: silent in the span for two decoders, and soon after it what it was."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import av
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.ogg import CONTINUED, FIRST, LAST, Page, checksum, pages, written
from chalicelib.audio.opus import head, sketch
from chalicelib.audio.opus_mute import Opus, margin_ms, mute, normalise
from chalicelib.audio.opus_packet import plain, silence
from chalicelib.errors import (
    DamagedRecording,
    EmptyRecording,
    NotARecording,
    ScreenRecording,
    TruncatedRecording,
    UnreadableRecording,
    UnsupportedCodec,
)
from chalicelib.model import Span

CALL = Path(__file__).parents[1] / "corpus/demo/en-card.wav"
SPANS = [Span(3_000, 4_000), Span(7_300, 7_420), Span(7_430, 7_500), Span(12_000, 15_000)]
TOLERANCE = {"libopus": 0.005, "opus": 0.0005}
"""Of full scale, beyond the margin: libopus carries what SILK predicts in fixed point through a stretch of voice."""
ENCODINGS = [  # kbit/s, channels, application, milliseconds in a packet, other options
    (8, 1, "voip", "20", "vbr=on"), (12, 2, "voip", "60", "vbr=on"), (24, 2, "voip", "20", "fec=1:packet_loss=30"),
    (24, 1, "voip", "40", "fec=1:packet_loss=20"), (10, 1, "voip", "10", "vbr=off"), (40, 1, "voip", "20", "vbr=on"),
    (32, 2, "audio", "120", "vbr=constrained"), (64, 2, "audio", "60", "vbr=on"), (24, 1, "lowdelay", "20", "vbr=off"),
    (96, 2, "lowdelay", "2.5", "vbr=on"), (128, 2, "audio", "20", "vbr=off"),
]  # fmt: skip
PHONE, LOUD = ENCODINGS[2], ENCODINGS[-1]
Encoding = tuple[int, int, str, str, str]


@cache
def encoded(kbps: int, channels: int, application: str, packet_ms: str, others: str) -> bytes:
    """Eighteen seconds of a recorded call as Ogg Opus."""
    with wave.open(str(CALL)) as call:
        samples = numpy.frombuffer(call.readframes(call.getnframes()), "<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, "s16", "stereo")
        frame.sample_rate, frame.pts = call.getframerate(), 0
    body = io.BytesIO()
    with av.open(body, "w", "ogg", options={"page_duration": "500000"}) as container:
        stream = container.add_stream("libopus", rate=48_000)
        stream.layout, stream.bit_rate = "mono" if channels == 1 else "stereo", kbps * 1000
        stream.options = {"application": application, "frame_duration": packet_ms} | dict(
            option.split("=") for option in others.split(":")
        )
        resampler = av.AudioResampler("s16", stream.layout.name, 48_000)
        for heard in (*resampler.resample(frame), *resampler.resample(None), None):
            container.mux(stream.encode(heard))
    return body.getvalue()


def decoded(body: bytes, codec: str) -> numpy.ndarray:
    frames = []
    with av.open(io.BytesIO(body)) as container:
        (stream,) = container.streams
        decoder = av.CodecContext.create(codec, "r")
        decoder.extradata, decoder.layout = stream.codec_context.extradata, stream.layout.name
        decoder.sample_rate = 48_000
        for packet in container.demux(stream):
            frames += [frame.to_ndarray().reshape(-1, stream.channels, order="F") for frame in decoder.decode(packet)]
    samples = numpy.concatenate(frames)
    return samples / 32768 if samples.dtype.kind == "i" else samples


def normal(body: bytes) -> tuple[bytes, Opus]:
    written = io.BytesIO()
    sound = normalise(io.BytesIO(body), written)
    return written.getvalue(), sound


def muted(body: bytes, spans: list[Span] = SPANS) -> bytes:
    written = io.BytesIO()
    mute(io.BytesIO(normal(body)[0]), written, spans)
    return written.getvalue()


def packets(body: bytes) -> list[bytes]:
    """Packets of sound, of a file in which none lies on two pages."""
    return [packet for page in list(pages(io.BytesIO(body)))[2:] for packet in page.packets()[0]]


def timed(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Packets with the millisecond on the played time line at which each begins and ends."""
    at = -head(body[28:]).pre_skip
    for packet in packets(body):
        end = at + plain(packet)[1]
        yield at // 48, -(-end // 48), packet
        at = end


def sealed(body: bytes) -> bytes:
    """The same with right checksums, by the table of RFC 3533 and not by zlib."""
    table = [byte << 24 for byte in range(256)]
    for _ in range(8):
        table = [(crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF for crc in table]
    out, at = bytearray(body), 0
    while (at := out.find(b"OggS", at)) >= 0 and at + 27 <= len(out):
        end = at + 27 + out[at + 26] + sum(out[at + 27 : at + 27 + out[at + 26]])
        out[at + 22 : at + 26] = bytes(4)
        crc = 0
        for byte in out[at:end]:
            crc = crc << 8 & 0xFFFFFFFF ^ table[crc >> 24 ^ byte]
        out[at + 22 : at + 26] = struct.pack("<I", crc)
        at = max(at + 27, min(end, len(out)))
    return bytes(out)


def laid(pieces: list[Page], **changed: object) -> bytes:
    """Pages of whole packets written again, all with something changed."""
    return b"".join(
        written(*(changed.get(name, getattr(page, name)) for name in ("flags", "granule", "serial", "number")),  # type: ignore[arg-type]
                page.packets()[0])
        for page in pieces
    )  # fmt: skip


def unsealed(flags: int, granule: int, serial: int, number: int, sizes: list[int], body: bytes) -> bytes:
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, serial, number, 0, len(sizes))
    return header + bytes(sizes) + body


def laid_over(body: bytes, segments: int) -> bytes:
    """The same packets on pages of few segments: most begin on one and end on another."""
    found = list(pages(io.BytesIO(body)))
    out, number, granule = [page.raw for page in found[:2]], 2, 0
    sizes, sound, ends = list[int](), b"", list[int]()
    for packet in packets(body):
        granule += plain(packet)[1]
        sizes += [255] * (len(packet) // 255) + [len(packet) % 255]
        ends += [-1] * (len(packet) // 255) + [granule]
        sound += packet
    ends[-1] = found[-1].granule
    for at in range(0, len(sizes), segments):
        here, flags = sizes[at : at + segments], CONTINUED if at and sizes[at - 1] == 255 else 0
        flags |= LAST if at + segments >= len(sizes) else 0
        ended = max(ends[at : at + segments])
        out.append(unsealed(flags, ended, found[0].serial, number, here, sound[: sum(here)]))
        sound, number = sound[sum(here) :], number + 1
    return sealed(b"".join(out))


@pytest.mark.parametrize("codec", TOLERANCE)
@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_spans_are_silent_and_beyond_the_margin_the_call_is_what_it_was(encoding: Encoding, codec: str) -> None:
    body = encoded(*encoding)
    before, after = decoded(body, codec), decoded(muted(body), codec)
    assert before.shape == after.shape
    assert abs(before[3 * 48_000 : 15 * 48_000]).max() > 0.1
    margin, untouched = margin_ms(io.BytesIO(body)) * 48, numpy.ones(len(before), bool)
    for span in SPANS:
        first, last = span.start_ms * 48, span.end_ms * 48
        assert abs(after[first:last]).max() < 1e-40
        untouched[max(0, first - margin) : last + margin] = False
    assert untouched.sum() > 48_000 * 5
    assert abs(before - after)[untouched].max() <= TOLERANCE[codec]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_a_normalised_call_sounds_the_same_to_the_sample(encoding: Encoding) -> None:
    body, (again, sound) = encoded(*encoding), normal(encoded(*encoding))
    assert (decoded(body, "libopus") == decoded(again, "libopus")).all()
    assert sound.duration_ms == len(decoded(body, "libopus")) // 48 == 18_150
    assert sound.channels == encoding[1]
    assert normal(again)[0] == again


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_nothing_of_the_secret_is_left_not_even_how_large_it_was(encoding: Encoding) -> None:
    """Up to 60 ms after a span, packets may hold a copy of its end for when a packet is lost (LBRR)."""
    body = normal(encoded(*encoding))[0]
    after = muted(body)
    sizes, kept, gone = dict[int, set[int]](), set[bytes](), set[bytes]()
    for (start, end, was), packet in zip(timed(body), packets(after), strict=True):
        if not any(start < span.end_ms + 60 and span.start_ms < end for span in SPANS):
            kept.add(was)
            continue
        assert packet == silence(was[0], plain(was)[1])
        assert packet[0] & 4 == was[0] & 4
        sizes.setdefault(plain(was)[1], set()).add(len(packet))
        gone.add(was)
    assert sum(len(packet) > 8 for packet in gone - kept) >= 20
    assert not any(packet in after for packet in gone - kept if len(packet) > 8)
    assert all(len(found) == 1 for found in sizes.values())


def test_packets_that_lie_on_two_pages_are_muted_like_others() -> None:
    body = encoded(*LOUD)
    for segments in (1, 2, 3, 7, 255):
        again = laid_over(body, segments)
        assert normal(again)[0] == normal(body)[0]
    assert laid_over(body, 1).count(b"OggS") > laid_over(body, 3).count(b"OggS") > 500
    assert all(not page.flags & CONTINUED and page.granule >= 0 for page in pages(io.BytesIO(muted(again))))


def test_pages_without_a_muted_packet_are_copied_and_the_others_have_right_checksums() -> None:
    body = normal(encoded(*PHONE))[0]
    after = muted(body)
    assert sealed(after) == after
    found = list(zip(pages(io.BytesIO(body)), pages(io.BytesIO(after)), strict=True))
    assert [(was.granule, was.flags, was.number) for was, _ in found] == [
        (p.granule, p.flags, p.number) for _, p in found
    ]
    assert sum(was.raw == now.raw for was, now in found) > len(found) // 2
    assert found[0][0].flags == FIRST and found[-1][0].flags == LAST
    assert muted(body, []) == body


def test_texts_padding_and_what_lies_between_pages_are_left_behind() -> None:
    name, body = b"card of Ms Doe", encoded(*PHONE)
    first, _, *sound = pages(io.BytesIO(body))
    long = b"OpusTags" + name * 10_000
    told = unsealed(0, -1, first.serial, 1, [255] * 255, long[:65_025])
    told += unsealed(CONTINUED, -1, first.serial, 2, [255] * 255, long[65_025:130_050])
    told += unsealed(CONTINUED, 0, first.serial, 3, [5], b"12345")
    padded = [
        written(p.flags, p.granule, p.serial, p.number + 2, [with_padding(packet, name) for packet in p.packets()[0]])
        for p in sound
    ]
    whole = sealed(first.raw + told + name.join(padded) + name)
    assert whole.count(name) > 1_000
    again = normal(whole)[0]
    assert name not in again
    assert (decoded(again, "libopus") == decoded(body, "libopus")).all()


def with_padding(packet: bytes, said: bytes) -> bytes:
    """A packet of one frame with something said in its padding."""
    return bytes((packet[0] | 3, 0x41, len(said))) + packet[1:] + said if packet[0] & 3 == 0 else packet


def test_a_call_cut_out_of_a_stream_begins_at_zero() -> None:
    body = encoded(*PHONE)
    first, tags, *sound = pages(io.BytesIO(body))
    cut = first.raw + tags.raw + b"".join(page.raw for page in sound[4:])
    again, played = normal(cut)
    assert played.duration_ms < 18_150 - 1_900
    assert next(page.granule for page in pages(io.BytesIO(again)) if page.number == 2) <= 48_000
    assert sketch(cut[:65_536], cut[-65_536:]).duration_ms == played.duration_ms
    assert abs(decoded(muted(cut, [Span(500, 900)]), "opus")[500 * 48 : 900 * 48]).max() < 1e-40


def test_packets_that_are_not_played_are_dropped() -> None:
    body = encoded(*PHONE)
    *begun, last = pages(io.BytesIO(body))
    early = b"".join(page.raw for page in begun) + laid([last], granule=begun[-1].granule + 1_000)
    again, sound = normal(early)
    assert sound.samples == begun[-1].granule + 1_000 - sound.pre_skip
    assert len(packets(again)) == len(packets(body)) - len(last.packets()[0]) + 2


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_a_beginning_and_an_end_tell_channels_and_length(encoding: Encoding) -> None:
    body = encoded(*encoding)
    seen = sketch(body[:65_536], body[-65_536:])
    assert (seen.channels, seen.duration_ms) == (encoding[1], 18_150)


def test_an_end_without_a_page_is_refused() -> None:
    with pytest.raises(TruncatedRecording, match="does not end"):
        sketch(encoded(*PHONE)[:65_536], bytes(65_536))


def bad() -> Iterator[tuple[str, bytes, type[Exception], str]]:
    body = encoded(*PHONE)
    found = list(pages(io.BytesIO(body)))
    first, tags, *sound = found
    rest = tags.raw + b"".join(page.raw for page in sound)
    begun = [page.raw for page in pages(io.BytesIO(laid_over(encoded(*LOUD), 1)))][:99]
    while begun[-1][27] < 255:
        begun.pop()
    flipped = bytearray(body)
    flipped[len(body) // 2] ^= 1
    theora = written(FIRST, 0, 7, 0, [b"\x80theora\x03\x02\x01"])
    other = written(FIRST, 0, 7, 0, [first.body])

    def beginning(packet: bytes) -> bytes:
        return written(FIRST, 0, first.serial, 0, [packet]) + rest

    def ending(*packets: bytes, granule: int | None = None) -> bytes:
        lasts = sound[-1].granule if granule is None else granule
        return body[: -len(sound[-1].raw)] + written(LAST, lasts, first.serial, sound[-1].number, list(packets))

    yield "nothing", b"", NotARecording, "does not begin"
    yield "the header alone", first.raw, TruncatedRecording, "before its sound"
    yield "a page is damaged", bytes(flipped), DamagedRecording, "damaged"
    yield "a page is missing", b"".join(p.raw for p in found if p.number != 9), TruncatedRecording, "missing"
    yield "a page stands twice", b"".join(p.raw * (1 + (p.number == 9)) for p in found), TruncatedRecording, "missing"
    yield "the last page is cut", body[:-9], TruncatedRecording, "within a page"
    yield "there is no sound", first.raw + tags.raw, EmptyRecording, "not one sample"
    yield "there are no texts", first.raw + b"".join(p.raw for p in sound), DamagedRecording, "no OpusTags"
    yield "pictures come first", theora + body, ScreenRecording, "pictures"
    yield "pictures come second", first.raw + theora + rest, ScreenRecording, "pictures"
    yield "pictures come late", body + theora, ScreenRecording, "pictures"
    yield "two streams at once", first.raw + other + rest, UnsupportedCodec, "several streams"
    yield "two streams in turn", body + laid(found, serial=7), UnsupportedCodec, "several streams"
    yield "a page of another", body + laid(sound[-1:], serial=7), UnsupportedCodec, "several streams"
    yield "Vorbis", beginning(b"\x01vorbis"), UnsupportedCodec, "only Opus"
    yield "something else", beginning(b"abcdefgh"), NotARecording, "does not begin"
    yield "a short header", beginning(b"OpusHead\1\2"), NotARecording, "does not begin"
    yield "a later version", beginning(b"OpusHead\x10" + first.body[9:]), NotARecording, "does not begin"
    yield "six channels", beginning(b"OpusHead\1\6" + first.body[10:]), UnsupportedCodec, "one or two"
    yield "channels of no order", beginning(first.body[:18] + b"\xff\1\1\0\1"), UnsupportedCodec, "one or two"
    yield "two mono streams", beginning(first.body[:18] + b"\1\2\0\0\1"), UnsupportedCodec, "its own voice"
    yield "one voice twice", beginning(first.body[:18] + b"\1\1\1\0\0"), UnsupportedCodec, "its own voice"
    yield (
        "words before the beginning",
        beginning(first.body[:10] + b"\xff\xff" + first.body[12:]),
        DamagedRecording,
        "hides",
    )
    yield "an empty packet", ending(b""), DamagedRecording, "broken"
    yield "a frame too large", ending(b"\x78" + bytes(1_276)), DamagedRecording, "broken"
    yield "two frames of odd bytes", ending(b"\x79" + bytes(3)), DamagedRecording, "broken"
    yield "a frame beyond its packet", ending(b"\x7a\x09\0"), DamagedRecording, "broken"
    yield "padding beyond its packet", ending(b"\x7b\x41\xff\xff\x09"), DamagedRecording, "broken"
    yield "no frame", ending(b"\x7b\0"), DamagedRecording, "broken"
    yield "more than 120 ms", ending(b"\x7b\x07" + bytes(7)), DamagedRecording, "broken"
    yield "time that runs back", ending(b"\x78\0", granule=48_000), DamagedRecording, "two times"
    yield "time that runs on", ending(b"\x78\0", granule=sound[-1].granule + 96_000), DamagedRecording, "two times"
    yield "time from before 0", laid([first, tags]) + laid(sound[:1], granule=9), DamagedRecording, "two times"
    yield "a packet that does not end", b"".join(begun), TruncatedRecording, "within a packet"
    yield (
        "sound in the texts",
        laid([first]) + written(0, 0, first.serial, 1, [b"OpusTags", b"\x78\0"]),
        DamagedRecording,
        "within",
    )


def test_a_gain_that_would_make_sound_too_faint_for_us_is_taken_out() -> None:
    first, *others = pages(io.BytesIO(encoded(*ENCODINGS[0])))
    faint = first.body[:16] + b"\0\xce" + first.body[18:]
    body = written(FIRST, 0, first.serial, 0, [faint]) + b"".join(page.raw for page in others)
    assert next(pages(io.BytesIO(normal(body)[0]))).body[16:18] == b"\0\0"


@pytest.mark.parametrize(("name", "body", "error", "said"), [pytest.param(*case, id=case[0]) for case in bad()])
def test_what_is_not_one_whole_call_is_refused(name: str, body: bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        normal(body)


def test_a_packet_that_never_ends_is_refused_before_it_fills_the_memory() -> None:
    first, tags, *_ = pages(io.BytesIO(encoded(*PHONE)))
    endless = [unsealed(at > 0, -1, first.serial, 2 + at, [255] * 255, bytes(65_025)) for at in range(3)]
    with pytest.raises(DamagedRecording, match="larger"):
        normal(first.raw + tags.raw + sealed(b"".join(endless)))


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 9_000), st.binary(max_size=30), st.integers(100, 9_000), st.booleans())
def test_whatever_is_broken_is_read_or_refused_and_never_more(at: int, put: bytes, cut: int, seal: bool) -> None:
    body = bytearray(encoded(*PHONE)[:9_000])
    body[at : at + len(put)] = put
    broken = sealed(body[:cut]) if seal else bytes(body[:cut])
    out = io.BytesIO()
    for asked in (lambda: sketch(broken, broken), lambda: normalise(io.BytesIO(broken), out)):
        try:
            asked()
        except (UnreadableRecording, ScreenRecording):
            continue
    assert len(out.getvalue()) <= 2 * len(broken) + 200


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x7b", b"\x7b\xc5\xff", b"\x0a\xff", b"\xff\x41"]))
def test_any_packet_is_read_or_refused_and_what_is_read_fits_its_silence(rest: bytes, begun: bytes) -> None:
    try:
        kept, samples = plain(begun + rest)
    except DamagedRecording:
        return
    assert plain(kept) == (kept, samples)
    assert plain(silence(kept[0], samples)) == (silence(kept[0], samples), samples)
    assert len(silence(kept[0], samples)) <= 14 + 2 * 48


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_refused(body: bytes) -> None:
    for begun in (body, b"OggS" + body, sealed(b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead" + body)):
        with pytest.raises(UnreadableRecording):
            normal(begun)


def test_checksums_are_those_of_the_text() -> None:
    for page in pages(io.BytesIO(encoded(*PHONE))):
        assert struct.pack("<I", checksum(page.raw)) == sealed(page.raw)[22:26] == page.raw[22:26]
