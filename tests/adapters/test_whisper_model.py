"""Where the model comes from, and what becomes of the words that it hears. No model is needed here."""

from __future__ import annotations

import struct
import wave
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace as Heard
from typing import Any

import pytest

from chalicelib.adapters import whisper
from chalicelib.adapters.whisper import Whisper, decode, word_of
from chalicelib.adapters.whisper_model import find_model
from chalicelib.errors import (
    EmptyRecording,
    RecogniserMissing,
    RecordingTooLong,
    UnreadableRecording,
    UnsupportedLanguage,
)
from chalicelib.model import Span, Word

SMALL = {"config.json": b"{}", "tokenizer.json": b"[]", "vocabulary.txt": b"a\n"}
HASHES = {name: sha256(body).hexdigest() for name, body in {**SMALL, "model.bin": b"first second"}.items()}


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, files in ((one, {**SMALL, "model.bin.part1": b"first "}), (two, {"model.bin.part2": b"second"})):
        folder.mkdir()
        for name, body in files.items():
            (folder / name).write_bytes(body)
    return [one, two]


def test_a_folder_that_the_user_names_is_preferred(tmp_path: Path, parts: list[Path]) -> None:
    assert find_model("/models/mine", tmp_path / "built", parts, HASHES) == "/models/mine"
    assert not (tmp_path / "built").exists()


def test_the_two_packages_are_joined_into_one_model(tmp_path: Path, parts: list[Path]) -> None:
    folder = tmp_path / "models" / "base"
    assert find_model(None, folder, parts, HASHES) == str(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {**SMALL, "model.bin": b"first second"}
    assert list(folder.parent.iterdir()) == [folder]


def test_a_model_is_assembled_once(tmp_path: Path, parts: list[Path]) -> None:
    find_model("", tmp_path / "base", parts, HASHES)
    assert find_model(None, tmp_path / "base", [tmp_path / "gone"], HASHES) == str(tmp_path / "base")


@pytest.mark.parametrize("name", ["model.bin.part1", "tokenizer.json"])
def test_a_file_with_the_wrong_hash_is_refused_and_leaves_nothing(tmp_path: Path, parts: list[Path], name: str) -> None:
    (parts[0] / name).write_bytes(b"other")
    with pytest.raises(RecogniserMissing, match="SHA-256"):
        find_model(None, tmp_path / "models" / "base", parts, HASHES)
    assert list((tmp_path / "models").iterdir()) == []


def test_missing_files_say_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(RecogniserMissing, match="pip install faster-whisper"):
        find_model(None, tmp_path / "base", [tmp_path, tmp_path], HASHES)


class FakeModel:
    """Says the same two words of every sound, and keeps what it was given."""

    supported_languages = ("fr", "en")

    def __init__(self) -> None:
        self.sounds: list[Any] = []

    def transcribe(self, sound: Any, **options: Any) -> tuple[list[Heard], None]:
        self.sounds.append(sound)
        words = [heard(" Bonjour,", 0.1, 0.4), heard(" 4970.", 0.5 + len(self.sounds) / 100, 0.9)]
        return [Heard(end=0.95, words=words)], None


def heard(text: str, start: float, end: float, probability: float = 0.5) -> Heard:
    """A word as faster-whisper gives it, times in seconds."""
    return Heard(word=text, start=start, end=end, probability=probability)


def recording(path: Path, *channels: int, frames: int = 8000) -> Path:
    """A WAV at 8 kHz whose channels each hold one value throughout."""
    with wave.open(str(path), "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(struct.pack(f"<{len(channels)}h", *channels) * frames)
    return path


def test_each_channel_is_heard_by_itself_and_words_come_in_order(tmp_path: Path) -> None:
    model = FakeModel()
    transcript = Whisper("any", load=lambda *_: model).hear(recording(tmp_path / "a.wav", 1000, -2000), "fr-FR")
    assert [(w.text, w.span.channel) for w in transcript.words] == [
        ("Bonjour", 0),
        ("Bonjour", 1),
        ("4970", 0),
        ("4970", 1),
    ]
    assert (transcript.language, transcript.channels) == ("fr-FR", 2)
    assert [round(float(sound[4000]) * 32768) for sound in model.sounds] == [1000, -2000]


def test_mono_words_have_no_channel(tmp_path: Path) -> None:
    transcript = Whisper("any", load=lambda *_: FakeModel()).hear(recording(tmp_path / "a.wav", 1000), "en-GB")
    assert {word.span.channel for word in transcript.words} == {None}
    assert transcript.channels == 1


def test_channels_that_are_not_separate_are_mixed(tmp_path: Path) -> None:
    model = FakeModel()
    listener = Whisper("any", load=lambda *_: model)
    transcript = listener.hear(recording(tmp_path / "a.wav", 1000, -2000), "fr-FR", separate=False)
    assert {word.span.channel for word in transcript.words} == {None}
    assert [round(float(sound[4000]) * 32768) for sound in model.sounds] == [-500]


def test_progress_counts_the_sound_of_every_channel(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    listener = Whisper("any", load=lambda *_: FakeModel())
    listener.hear(recording(tmp_path / "a.wav", 1, 2, 3), "fr-FR", lambda done, whole: told.append((done, whole)))
    assert told == [(950, 3000), (1000, 3000), (1950, 3000), (2000, 3000), (2950, 3000), (3000, 3000)]


def test_a_language_that_the_model_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedLanguage):
        Whisper("any", load=lambda *_: FakeModel()).hear(recording(tmp_path / "a.wav", 1), "xx-XX")


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [(-0.2, 0.3, Span(0, 300)), (0.5, 0.5, Span(500, 501)), (0.6, 0.5, Span(600, 601)), (0.9, 1.2, Span(900, 1000))],
)
def test_a_words_times_lie_in_the_recording_and_run_forward(start: float, end: float, span: Span) -> None:
    assert word_of(heard(" oui", start, end), None, 1000) == Word("oui", span, 0.5)


@pytest.mark.parametrize(
    ("said", "text", "marks"),
    [(" 4970,", "4970", ","), (" «Oui»...", "Oui", "»..."), ("-vous", "-vous", ""), (" 12,50", "12,50", "")],
)
def test_only_the_marks_around_a_word_are_taken_off(said: str, text: str, marks: str) -> None:
    word = word_of(heard(said, 0, 1), 1, 1000)
    assert word == Word(text, Span(0, 1000, 1), 0.5, marks)


def test_a_word_of_marks_alone_is_no_word() -> None:
    assert word_of(heard(" ...", 0, 1), None, 1000) is None


@pytest.mark.parametrize("body", [b"", b"RIFF" + bytes(400), b"#EXTM3U\n#EXTINF:1,\na.wav\n#EXT-X-ENDLIST\n"])
def test_what_is_no_sound_is_unreadable_and_a_playlist_opens_nothing(tmp_path: Path, body: bytes) -> None:
    pytest.importorskip("av")
    recording(tmp_path / "a.wav", 1)
    (tmp_path / "b.m3u8").write_bytes(body)
    with pytest.raises(UnreadableRecording):
        decode(tmp_path / "b.m3u8")


def test_a_recording_without_a_sample_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyRecording):
        decode(recording(tmp_path / "a.wav", 1, frames=0))


def test_a_recording_longer_than_can_be_heard_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingTooLong):
        decode(recording(tmp_path / "a.wav", 1, frames=8 * 1001), longest_s=1)


def test_a_model_that_does_not_load_is_told_plainly(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper")
    with pytest.raises(RecogniserMissing, match="does not load"):
        whisper.load_model(str(tmp_path), 1)
