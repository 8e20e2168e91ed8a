"""The committed demo calls are what their truth says; the composer places sounds exactly."""

import audioop
import json
import math
import struct
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.build import DEMO, PROMPTS, main, wav_bytes
from tests.corpus.compose import FOLDERS, FRAME_MS, RATE, WIDTH, compose, lay_out, load_prompt, trim
from tests.corpus.script import AGENT, CUSTOMER, Script, load_scripts, number_words, spell

PUBLISHED_TEST_CARDS = {"4111111111111111", "5555555555554444", "378282246310005", "4000002500000003"}
FRAME_BYTES = 2 * WIDTH
LOUD_ENOUGH = 300
SCRIPTS = load_scripts()
DEMOS = [script for script in SCRIPTS if script.demo]
each_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.call_id)
each_demo = pytest.mark.parametrize("script", DEMOS, ids=lambda script: script.call_id)


def chunks(path: Path) -> dict[bytes, bytes]:
    """The RIFF chunks of a WAV file, by name."""
    content = path.read_bytes()
    found: dict[bytes, bytes] = {}
    at = 12
    assert (content[:4], content[8:12]) == (b"RIFF", b"WAVE")
    assert struct.unpack_from("<I", content, 4)[0] == len(content) - 8
    while at < len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        found[name] = content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found


def demo_samples(script: Script) -> bytes:
    """PCM16 stereo samples of a committed demo call."""
    data = chunks(DEMO / f"{script.call_id}.wav")[b"data"]
    return audioop.ulaw2lin(data, WIDTH) if script.codec == "mulaw" else data


def demo_truth(script: Script) -> dict[str, Any]:
    """The committed truth of a demo call."""
    truth: dict[str, Any] = json.loads((DEMO / f"{script.call_id}.json").read_text(encoding="utf-8"))
    return truth


def channel_of(samples: bytes, channel: int) -> bytes:
    """One channel of PCM16 stereo samples."""
    return audioop.tomono(samples, WIDTH, 1 - channel, channel)


def between(track: bytes, start_ms: int, end_ms: int) -> bytes:
    """The part of a mono PCM16 track from `start_ms` to `end_ms`."""
    per_ms = RATE // 1000 * WIDTH
    return track[start_ms * per_ms : end_ms * per_ms]


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check of the others."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def tone(duration_ms: int, level: int = 12000) -> bytes:
    """A 440 Hz PCM16 mono tone."""
    count = duration_ms * RATE // 1000
    cosine = (round(level * math.cos(math.tau * 440 * i / RATE)) for i in range(count))
    return struct.pack(f"<{count}h", *cosine)


def silence(duration_ms: int) -> bytes:
    return bytes(duration_ms * RATE // 1000 * WIDTH)


@pytest.fixture(scope="module")
def synthetic_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every prompt that the scripts may ask for, as 300 ms of tone in 100 ms of silence on each side."""
    folder = tmp_path_factory.mktemp("prompts")
    for script in SCRIPTS:
        names = [f"digits/{name}" for name in number_words(script.language)] + list(script.phrases)
        for name in names:
            path = folder / FOLDERS[script.language] / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            with wave.open(str(path), "wb") as prompt:
                prompt.setparams((1, WIDTH, RATE, 0, "NONE", ""))
                prompt.writeframes(silence(100) + tone(300) + silence(100))
    return folder


def test_demo_is_one_french_mulaw_and_one_english_pcm_call() -> None:
    assert {(demo.call_id, demo.language, demo.codec) for demo in DEMOS} == {
        ("fr-card", "fr-FR", "mulaw"),
        ("en-card", "en-US", "pcm16"),
    }


def test_demo_folder_holds_at_most_a_million_bytes() -> None:
    assert sum(path.stat().st_size for path in DEMO.iterdir()) <= 1_000_000


@each_demo
def test_demo_wav_is_the_format_it_claims(script: Script) -> None:
    found = chunks(DEMO / f"{script.call_id}.wav")
    tag, channels, rate, byte_rate, block, bits = struct.unpack_from("<HHIIHH", found[b"fmt "])
    expected = (7, 2, RATE, 16_000, 2, 8) if script.codec == "mulaw" else (1, 2, RATE, 32_000, 4, 16)
    assert (tag, channels, rate, byte_rate, block, bits) == expected
    assert len(found[b"fmt "]) == (18 if script.codec == "mulaw" else 16)


@each_demo
def test_mulaw_demo_counts_its_frames_in_a_fact_chunk(script: Script) -> None:
    found = chunks(DEMO / f"{script.call_id}.wav")
    expected = struct.pack("<I", len(found[b"data"]) // 2) if script.codec == "mulaw" else None
    assert found.get(b"fact") == expected


@each_demo
def test_demo_truth_describes_the_whole_file(script: Script) -> None:
    truth = demo_truth(script)
    assert truth["duration_ms"] * RATE // 1000 * FRAME_BYTES == len(demo_samples(script))
    assert (truth["call_id"], truth["language"]) == (script.call_id, script.language)
    assert truth["started_at"] == script.started_at.isoformat()
    assert script.started_at.tzinfo is not None


@each_demo
def test_demo_words_are_sorted_inside_the_call_and_apart_on_each_channel(script: Script) -> None:
    truth = demo_truth(script)
    starts = [word["start_ms"] for word in truth["words"]]
    assert starts == sorted(starts)
    for channel in (0, 1):
        spans = [(word["start_ms"], word["end_ms"]) for word in truth["words"] if word["channel"] == channel]
        edges = [0, *(edge for span in spans for edge in span), truth["duration_ms"]]
        assert edges == sorted(edges)
        assert all(start < end for start, end in spans)


@each_demo
def test_every_demo_word_is_heard_from_its_first_frame_to_its_last(script: Script) -> None:
    samples = demo_samples(script)
    for word in demo_truth(script)["words"]:
        track = channel_of(samples, word["channel"])
        start, end = word["start_ms"], word["end_ms"]
        assert audioop.rms(between(track, start, end), WIDTH) > LOUD_ENOUGH, word
        assert audioop.max(between(track, start, start + FRAME_MS), WIDTH) > 0, word
        assert audioop.max(between(track, end - FRAME_MS, end), WIDTH) > 0, word


@each_demo
def test_demo_channels_are_silent_between_words(script: Script) -> None:
    truth, samples = demo_truth(script), demo_samples(script)
    for channel in (0, 1):
        at, track = 0, channel_of(samples, channel)
        for word in (word for word in truth["words"] if word["channel"] == channel):
            assert audioop.max(between(track, at, word["start_ms"]), WIDTH) == 0
            at = word["end_ms"]
        assert audioop.max(between(track, at, truth["duration_ms"]), WIDTH) == 0


@each_demo
def test_demo_customer_spells_the_card_and_says_nothing_else_sensitive(script: Script) -> None:
    read = " ".join(turn.says for turn in script.turns if turn.secret == "card")
    numbers = [int(token) for token in read.split() if token.isdecimal()]
    names = [name for number in numbers for name in spell(script.language, number)]
    sensitive = [word for word in demo_truth(script)["words"] if word["sensitive"]]
    heard = [word["text"] for word in sensitive if word["channel"] == CUSTOMER]
    assert heard == [number_words(script.language)[name] for name in names]
    assert any(word["channel"] == AGENT for word in sensitive)


@each_demo
def test_demo_speakers_say_harmless_words_before_and_after_the_card(script: Script) -> None:
    words = demo_truth(script)["words"]
    for channel in (0, 1):
        flags = [word["sensitive"] for word in words if word["channel"] == channel]
        assert (flags[0], any(flags), flags[-1]) == (False, True, False)


@each_demo
def test_demo_names_and_truth_hold_no_card_digits(script: Script) -> None:
    text = (DEMO / f"{script.call_id}.json").read_text(encoding="utf-8")
    assert script.card not in text
    assert not any(character.isdigit() for character in script.call_id)
    assert not any(character.isdigit() for word in demo_truth(script)["words"] for character in word["text"])


@pytest.mark.skipif(not (PROMPTS / FOLDERS["fr-FR"]).exists(), reason="the Debian voices are not installed")
@each_demo
def test_demo_is_byte_for_byte_what_the_script_builds(script: Script) -> None:
    committed = (DEMO / f"{script.call_id}.wav").read_bytes()
    assert wav_bytes(compose(script, PROMPTS).samples, script.codec) == committed


@each_script
def test_a_script_reads_a_published_test_card_or_none(script: Script) -> None:
    assert script.card in PUBLISHED_TEST_CARDS | {""}
    assert passes_luhn(script.card or "0")


@each_script
def test_a_script_composes_into_words_apart_on_each_channel(script: Script, synthetic_prompts: Path) -> None:
    truth = compose(script, synthetic_prompts).truth
    for channel in (0, 1):
        spoken = [word for word in truth["words"] if word["channel"] == channel]
        edges = [edge for word in spoken for edge in (word["start_ms"], word["end_ms"])]
        assert edges == sorted(edges)
    assert any(word["sensitive"] for word in truth["words"]) == bool(script.card)


def test_two_builds_are_identical(synthetic_prompts: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        load_prompt.cache_clear()
        assert main(["--prompts", str(synthetic_prompts), "--out", str(tmp_path / name)]) == 0
    built = sorted((tmp_path / "first").iterdir())
    assert len(built) == 2 * len(SCRIPTS)
    assert all(path.read_bytes() == (tmp_path / "second" / path.name).read_bytes() for path in built)


def test_missing_voices_are_named_with_their_install_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--prompts", str(tmp_path / "nowhere"), "--out", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "apt-get install asterisk-core-sounds-fr-wav asterisk-core-sounds-en-wav" in message


def test_the_customer_speaks_on_the_left_and_the_agent_on_the_right(synthetic_prompts: Path) -> None:
    script = DEMOS[0]
    sounds = lay_out(script, synthetic_prompts / FOLDERS[script.language])
    samples = compose(script, synthetic_prompts).samples
    for sound in sounds:
        assert between(channel_of(samples, sound.channel), sound.start_ms, sound.end_ms) == sound.samples


def test_the_two_speakers_play_the_same_prompt_at_different_paces(synthetic_prompts: Path) -> None:
    prompt = synthetic_prompts / FOLDERS["fr-FR"] / "digits/4.wav"
    assert len(load_prompt(prompt, 106)) < len(load_prompt(prompt, 100)) < len(load_prompt(prompt, 90))


def test_trimming_keeps_exactly_the_sound() -> None:
    assert trim(silence(120) + tone(200) + silence(55)) == tone(200)


def test_a_silent_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="silent prompt"):
        trim(silence(100))


@pytest.mark.parametrize(
    ("language", "value", "spoken"),
    [
        ("fr-FR", 0, "zéro"),
        ("fr-FR", 41, "quarante et un"),
        ("fr-FR", 71, "soixante et onze"),
        ("fr-FR", 77, "soixante dix-sept"),
        ("fr-FR", 81, "quatre-vingt un"),
        ("fr-FR", 91, "quatre-vingt onze"),
        ("fr-FR", 1100, "mille cent"),
        ("fr-FR", 5555, "cinq mille cinq cent cinquante cinq"),
        ("en-US", 41, "forty one"),
        ("en-US", 120, "one hundred twenty"),
        ("en-US", 4000, "four thousand"),
    ],
)
def test_a_number_is_spelled_with_the_recorded_words(language: str, value: int, spoken: str) -> None:
    assert " ".join(number_words(language)[name] for name in spell(language, value)) == spoken
