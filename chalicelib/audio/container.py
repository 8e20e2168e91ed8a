"""Sound in MP4 and Matroska (M4A, WebM): AAC or Opus, its packets muted one by one, the others passed on as they are.

FFmpeg's demuxers and muxers, through PyAV; nothing is decoded and nothing encoded. Texts, chapters and pictures are
left behind: only the packets of the one sound stream are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, BinaryIO

from chalicelib.audio.aac import silent_frame
from chalicelib.audio.ffmpeg import demuxing
from chalicelib.audio.opus import head
from chalicelib.audio.opus_packet import plain, silence
from chalicelib.audio.sketch import Sketch
from chalicelib.errors import DamagedRecording, EmptyRecording, TruncatedRecording, UnsupportedCodec
from chalicelib.model import Span

BESIDE = 2
"""Packets silenced beside a span: windows overlap into the next one, and Opus may carry a copy of the one before."""

_PRIMING_MS, _OVERLAP_MS, _GAP_MS = 300, 30, 40
"""What an encoder writes before its sound at the most; and how far a packet's time may be from the last one's end."""

_CUT_OFF_MS = 500
_CONFIGURATION_BYTES = 5
"""An AudioSpecificConfig with its extension for HE-AAC; no more, for texts could follow."""

_SETTLED_MS = 1_000
_LONGEST_PACKET_MS = 150
_MP4 = "mov"


def normalise(source: BinaryIO, target: BinaryIO) -> Sketch:
    """Write the sound of `source` and nothing else. Raises ScreenRecording or a subclass of UnreadableRecording."""
    return mute(source, target, ())


def mute(source: BinaryIO, target: BinaryIO, spans: Iterable[Span]) -> Sketch:
    """Write `source` to `target` with a silent packet for each one in or beside `spans`, on every channel."""
    import av

    wanted = sorted(spans, key=lambda span: (span.start_ms, span.end_ms))
    with demuxing(source) as (container, stream):
        (header, written), last = _rewriter(container, stream), 0
        with av.open(target, "w", format="mp4" if container.format.name == _MP4 else "webm") as out:
            copy = out.add_stream(template=stream)
            copy.codec_context.extradata = header
            for packet, begin, end in _timed(container.demux(stream)):
                new, last = _with(written(bytes(packet), _is_beside(wanted, begin, end)), packet, end - begin), end
                new.stream = copy
                out.mux(new)
        announced = (container.duration or 0) // 1000
        seen = Sketch(stream.codec_context.channels, last)
    if last and last + _CUT_OFF_MS < announced:
        raise TruncatedRecording("the file ends before the time that it announces: ask the telephony for it again")
    if not last:
        raise EmptyRecording("the file holds not one packet of sound: ask the telephony for it again")
    target.flush()
    return seen


def margin_ms(source: BinaryIO) -> int:
    """How far from a span the sound may have changed."""
    return BESIDE * _LONGEST_PACKET_MS + _SETTLED_MS


def sketch(source: BinaryIO) -> Sketch:
    """Channels and length as the container says them, or packet by packet where it does not."""
    with demuxing(source) as (container, stream):
        _rewriter(container, stream)
        duration_ms = (container.duration or 0) // 1000
        duration_ms = duration_ms or max((end for *_, end in _timed(container.demux(stream))), default=0)
        return Sketch(stream.codec_context.channels, duration_ms)


def _rewriter(container: Any, stream: Any) -> tuple[bytes, Callable[[bytes, bool], bytes]]:
    """The codec's header, and what makes of a packet the one to write, silent or not. Raises UnsupportedCodec."""
    header = bytes(stream.codec_context.extradata or b"")
    if stream.codec_context.name == "aac" and container.format.name == _MP4:
        silent = silent_frame(header)
        return header[:_CONFIGURATION_BYTES], lambda packet, mute: silent if mute else packet
    if stream.codec_context.name in ("opus", "libopus"):
        return head(header).packet, _opus
    raise UnsupportedCodec("AAC or Opus is read in MP4, and Opus in WebM: have the telephony write one of them")


def _opus(packet: bytes, mute: bool) -> bytes:
    bare, samples = plain(packet)
    return silence(packet[0], samples) if mute else bare


def _timed(packets: Iterable[Any]) -> Iterator[tuple[Any, int, int]]:
    """Each packet with its beginning and end in ms, rounded outward.

    Raises DamagedRecording where there is a gap, or where packets lie over each other: players drop some of them. What
    lies before 0 is the encoder's run-up, which no player plays: more of it would be sound that is kept unheard.
    """
    due, length = None, 0
    for packet, after in pairwise(chain((packet for packet in packets if packet.pts is not None), [None])):
        unit, each = packet.time_base.numerator * 1000, packet.time_base.denominator
        length = packet.duration or (after.pts - packet.pts if after else length)  # fragments may not say it
        begin = packet.pts * unit // each
        late, least = (begin, -_PRIMING_MS) if due is None else (begin - due, -_OVERLAP_MS)
        if not least <= late <= _GAP_MS or length <= 0:
            raise DamagedRecording("the sound has gaps: recogniser and players would disagree on its time")
        due = begin - (-length * unit // each)
        yield packet, begin, due


def _is_beside(wanted: list[Span], begin: int, end: int) -> bool:
    """Whether a packet is in a span or beside one; spans that are over are taken off the list."""
    beside = BESIDE * (end - begin)
    while wanted and wanted[0].end_ms + beside <= begin:
        del wanted[0]
    return bool(wanted) and wanted[0].start_ms - beside < end


def _with(body: bytes, packet: Any, length_ms: int) -> Any:
    """A packet of its own at a packet's time: none of what containers may attach to one comes along."""
    import av

    other = av.Packet(body)
    other.pts, other.dts, other.time_base = packet.pts, packet.dts, packet.time_base
    other.duration = packet.duration or length_ms * packet.time_base.denominator // packet.time_base.numerator // 1000
    other.is_keyframe = packet.is_keyframe
    return other
