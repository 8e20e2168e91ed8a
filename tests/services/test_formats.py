"""Every format that telephony drops, from arrival to the vault: heard as WAV, muted as it came, verified."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import pytest

from chalicelib.errors import SpanOutsideRecording
from chalicelib.model import Finding, Recording, Span, State, Transcript, Word
from chalicelib.services import places
from chalicelib.services.media import content_type, media, to_listen
from chalicelib.services.muting import mute_media
from chalicelib.services.ports import Bucket
from chalicelib.services.redact import redact
from chalicelib.services.redaction import Manner, redact_file
from tests.audio.coded import CORPUS, NAME, WIDE_CALL, encoded, heard
from tests.machines import NOW, Twins
from tests.sounds import chunk, fmt, riff, wav

FORMATS = {
    "MP3": (encoded("mp3", "libmp3lame", 8000, 2, 32), "audio/mpeg"),
    "Ogg with Opus": (encoded("ogg", "libopus", 48000, 2, 24), "audio/ogg"),
    "WebM": (encoded("webm", "libopus", 48000, 2, 24), "audio/webm"),
    "M4A": (encoded("ipod", "aac", 16000, 2, 48), "audio/mp4"),
    "FLAC": (encoded("flac", "flac", 8000, 2, 0), "audio/flac"),
    "AMR": (encoded("amr", "libopencore_amrnb", 8000, 1, 12.2), "audio/amr"),
    "AMR-WB": (WIDE_CALL.read_bytes(), "audio/amr"),
    "IMA ADPCM": (encoded("wav", "adpcm_ima_wav", 8000, 2, 64), "audio/wav"),
    "MS ADPCM": (encoded("wav", "adpcm_ms", 8000, 2, 64), "audio/wav"),
    "GSM": ((CORPUS / "gsm/en-card.wav").read_bytes(), "audio/wav"),
    "PCM": (encoded("wav", "pcm_s16le", 8000, 2, 0), "audio/wav"),
    "mu-law": (encoded("wav", "pcm_mulaw", 8000, 2, 0), "audio/wav"),
}
GSM_HUM = 40
"""What the codec's own silence decodes to, and what is left of the frame before."""


def spoken(channels: int) -> Transcript:
    """A card read aloud in the third second, on the first channel, and words before and after it."""
    said = [("bonjour", 500), ("4970", 2_100), ("1000", 2_300), ("0000", 2_500), ("0014", 2_700), ("merci", 6_500)]
    words = [Word(text, Span(at, at + 180, 0 if channels == 2 else None)) for text, at in said]
    other = [Word("bien", Span(6_600, 6_800, 1))] if channels == 2 else []
    return Transcript((*words, *other), "fr-FR", channels)


def done(twins: Twins, body: bytes) -> Recording:
    recording = twins.transcribing(body)
    assert recording.state is State.TRANSCRIBING
    twins.heard(recording, spoken(recording.channels))
    return redact(twins.machine, recording.id, NOW)


@pytest.mark.parametrize("name", FORMATS)
def test_it_is_redacted_and_stays_what_it_was(name: str, tmp_path: Path) -> None:
    (body, media_type), twins = FORMATS[name], Twins()
    recording = done(twins, body)
    assert (recording.state, recording.ground) == (State.AVAILABLE, "verified")
    assert twins.buckets() == {Bucket.VAULT}
    left = twins.objects.get(places.audio(recording.id))
    (before, rate), (after, _) = heard(body), heard(left)
    assert abs(len(before) - len(after)) <= rate // 5
    card = [slice(span.start_ms * rate // 1000, span.end_ms * rate // 1000) for span in cards(recording)]
    assert card and all(abs(after[part]).max() <= (GSM_HUM if name == "GSM" else 10.4) for part in card)
    assert all(part.start <= 2_000 * rate // 1000 and part.stop >= 2_880 * rate // 1000 for part in card)
    late = slice(9 * rate, 10 * rate) if name != "AMR-WB" else slice(6 * rate, 7 * rate)
    assert 0.5 < (abs(after[late]).mean() + 1) / (abs(before[late]).mean() + 1) < 2
    assert NAME.encode() not in left
    (tmp_path / "left").write_bytes(left)
    assert media_type == content_type(tmp_path / "left")


def cards(recording: Recording) -> list[Span]:
    return [finding.span for finding in recording.muted if finding.kind == "card"]


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"PCM"}))
def test_the_recogniser_is_given_what_we_listen_to(name: str) -> None:
    twins = Twins()
    recording = twins.transcribing(FORMATS[name][0])
    given = twins.objects.get(places.listened(recording.id))
    with wave.open(io.BytesIO(given)) as sound:
        assert sound.getsampwidth() == 2
        assert sound.getnchannels() == recording.channels
        assert abs(sound.getnframes() * 1000 / sound.getframerate() - recording.duration_ms) < 300


def test_of_a_file_with_two_recordings_the_one_that_is_heard_is_the_one_that_is_kept(tmp_path: Path) -> None:
    first, second = wav(milliseconds=900)[44:], bytes(len(wav(milliseconds=900)) - 44)
    (tmp_path / "in").write_bytes(riff(fmt("pcm16", 2), chunk(b"data", first), chunk(b"data", second)))
    to_listen(tmp_path / "in", tmp_path / "heard")
    with media(tmp_path / "in") as source:
        mute_media(source, tmp_path / "out", [])
    assert heard((tmp_path / "heard").read_bytes())[0].any()
    assert (heard((tmp_path / "heard").read_bytes())[0] == heard((tmp_path / "out").read_bytes())[0]).all()


def test_what_everybody_reads_is_heard_as_it_came() -> None:
    twins = Twins()
    recording = twins.transcribing(FORMATS["PCM"][0])
    assert places.listened(recording.id).key not in {key for _, key in twins.objects.lying()}


@pytest.mark.parametrize("name", FORMATS)
def test_a_span_outside_is_an_error_and_so_is_one_on_a_channel_that_is_not_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(FORMATS[name][0])
    for span in (Span(10_000, 900_000), Span(0, 1_000, 7)):
        with media(tmp_path / "in") as source, pytest.raises(SpanOutsideRecording):
            mute_media(source, tmp_path / "out", [span])
        assert not (tmp_path / "out").exists() or not (tmp_path / "out").stat().st_size


@pytest.mark.parametrize("form", ["m4a", "flac", "mp3"])
def test_a_cover_is_left_behind_with_the_names(form: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes((CORPUS / f"coded/cover.{form}").read_bytes())
    assert b"IHDR" in (tmp_path / "in").read_bytes()
    with media(tmp_path / "in") as source:
        mute_media(source, tmp_path / "out", [Span(1_000, 1_500)])
    assert b"IHDR" not in (tmp_path / "out").read_bytes()
    assert heard((tmp_path / "out").read_bytes())[0].any()


def test_stretches_in_which_nothing_may_be_kept_are_cut_on_every_channel(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(wav(milliseconds=9_000))
    cut = [Span(4_000, 5_000), Span(8_500, 12_000)]
    found = redact_file(tmp_path / "in", tmp_path / "out", spoken(2), "fr-FR", Manner(100), cut)
    assert [f for f in found if f.kind == "cut"] == [
        Finding(Span(4_000, 5_000), "cut", 1.0, "cut"), Finding(Span(8_500, 9_000), "cut", 1.0, "cut")
    ]  # fmt: skip
    after, rate = heard((tmp_path / "out").read_bytes())
    assert not after[4 * rate : 5 * rate].any() and not after[8 * rate + rate // 2 :].any()


def test_a_beep_takes_the_place_of_what_was_muted_where_the_format_can_hold_one(tmp_path: Path) -> None:
    for name, loudest in (("PCM", 1_700), ("mu-law", 1_700), ("IMA ADPCM", 0), ("Ogg with Opus", 1)):
        (tmp_path / "in").write_bytes(FORMATS[name][0])
        found = redact_file(tmp_path / "in", tmp_path / "out", spoken(2), "fr-FR", Manner(100, tone=True))
        after, rate = heard((tmp_path / "out").read_bytes())
        card = next(f.span for f in found if f.kind == "card")
        inside = after[card.start_ms * rate // 1000 : card.end_ms * rate // 1000, card.channel or 0]
        assert abs(inside).max() <= loudest
        assert bool(inside.any()) == (loudest > 1)
