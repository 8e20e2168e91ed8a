"""Amazon Transcribe's JSON, read, written and masked."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import UnreadableTranscript
from chalicelib.model import Finding, Span, Transcript, Word
from chalicelib.speech.amazon import dump, load, mask, parse

SAMPLES = Path(__file__).parents[1] / "events" / "transcribe"


def sample(name: str) -> Transcript:
    return load(parse((SAMPLES / name).read_bytes()), "fr-FR")


def item(**changed: object) -> bytes:
    """A transcript of one word with something wrong with it."""
    word = {"type": "pronunciation", "alternatives": [{"content": "un"}], "start_time": "0.1", "end_time": "0.2"}
    return json.dumps({"results": {"items": [word | changed]}}).encode()


def test_a_stereo_transcript_gives_words_with_channels_times_and_punctuation() -> None:
    transcript = sample("channels.json")
    assert transcript.channels == 2
    assert transcript.words[0] == Word("Bonjour", Span(320, 840, 1), 0.998, ",")
    assert [word.span.channel for word in transcript.words] == [1, 0, 0]


def test_a_mono_transcript_gives_words_of_every_channel() -> None:
    transcript = sample("mono.json")
    assert (transcript.channels, {word.span.channel for word in transcript.words}) == (1, {None})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"results": {}}',
        b'{"results": {"items": [{}]}}',
        b'{"results": {"items": 3}}',
        item(alternatives=[]),
        item(start_time="NaN"),
        item(start_time="1e9999999"),
        b"[" * 100_000,
    ],
)
def test_what_is_no_transcript_is_refused_by_name(body: bytes) -> None:
    with pytest.raises(UnreadableTranscript):
        load(parse(body), "fr-FR")


def test_impossible_times_are_brought_back_into_a_recording() -> None:
    item = {"type": "pronunciation", "alternatives": [{"content": "un"}], "start_time": "-3.2", "end_time": "-9"}
    assert load({"results": {"items": [item]}}, "fr-FR").words == (Word("un", Span(0, 1), 0.0),)


words = st.lists(
    st.builds(
        lambda text, start, length, channel, mark: Word(text, Span(start, start + length, channel), 0.5, mark),
        st.text("abcdé", min_size=1, max_size=6),
        st.integers(0, 60_000),
        st.integers(1, 900),
        st.integers(0, 1),
        st.sampled_from(["", ".", ","]),
    ),
    max_size=12,
)


@given(words)
def test_what_is_written_reads_back_as_the_same_words(some: list[Word]) -> None:
    transcript = Transcript(tuple(sorted(some, key=lambda w: (w.span.start_ms, w.span.end_ms))), "fr-FR", 2)
    back = load(json.loads(json.dumps(dump(transcript, "job"))), "")
    assert sorted(back.words, key=repr) == sorted(transcript.words, key=repr) or some == []


@given(
    words, st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 9000), st.sampled_from([None, 0, 1])), max_size=4)
)
def test_a_masked_transcript_holds_no_word_of_a_muted_stretch(
    some: list[Word], muted: list[tuple[int, int, int]]
) -> None:
    findings = [Finding(Span(start, start + n, channel), "digits", 1.0, "t") for start, n, channel in muted]
    masked = mask(Transcript(tuple(some), "fr-FR", 2), findings)
    left = [word for word in masked.words if word.text != "[chiffres]"]
    assert all(not finding.span.overlaps(word.span) for word in left for finding in findings)
    assert [w for w in some if not any(f.span.overlaps(w.span) for f in findings)] == left
    assert mask(masked, findings) == masked


def test_masking_replaces_a_reading_by_one_word_and_keeps_no_second_copy_of_the_text() -> None:
    spoken = sample("channels.json")
    out = json.dumps(dump(mask(spoken, [Finding(Span(0, 9000, 0), "digits", 1.0, "t")]), "job"))
    assert out.count("[chiffres]") == 3  # in the text, among the items, in the channel's items
    assert "4970" not in out
    assert "Bonjour" in out
